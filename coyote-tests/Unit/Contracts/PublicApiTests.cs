using System.Reflection;
using Percpu.Unit.Support;

namespace Percpu.Unit.Contracts;

/// <summary>The public surface as text (PublicApiGenerator), against the text that was approved. To approve a change, run the tests with the
/// environment variable PERCPU_ACCEPT_API=1 and commit the files.</summary>
public sealed class PublicApiTests
{
    private const string Accept = "PERCPU_ACCEPT_API";

    [Theory]
    [InlineData(typeof(PercpuRef))]
    [InlineData(typeof(Pagemap.PagemapTable))]
    [InlineData(typeof(Interleavings.AtomicLong))]
    public void The_public_surface_is_the_approved_one(Type anyType)
    {
        Assembly assembly = anyType.Assembly;
        string file = Repository.At($"coyote-tests/Unit/Contracts/PublicApi.{assembly.GetName().Name}.txt");
        string actual = PublicApi.Describe(assembly);
        if (Environment.GetEnvironmentVariable(Accept) == "1")
            File.WriteAllText(file, actual);

        string approved = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        string[] added = [.. actual.Split('\n').Except(approved.Split('\n')).Select(line => "+ " + line)];
        string[] removed = [.. approved.Split('\n').Except(actual.Split('\n')).Select(line => "- " + line)];
        Assert.True(
            actual == approved,
            $"The public surface of {assembly.GetName().Name} has changed. If it should, run the tests with {Accept}=1 and commit {file}.\n{string.Join('\n', [.. added, .. removed])}");
    }

    [Fact]
    public void A_changed_constraint_is_seen() =>
        Assert.Contains("where T :  unmanaged", PublicApi.Describe(typeof(PercpuRef).Assembly), StringComparison.Ordinal);

    [Fact]
    public void Every_public_type_lives_in_a_public_namespace() =>
        Assert.All(
            typeof(PercpuRef).Assembly.GetExportedTypes().Concat(typeof(Pagemap.PagemapTable).Assembly.GetExportedTypes())
                .Concat(typeof(Interleavings.AtomicLong).Assembly.GetExportedTypes()),
            type => Assert.Contains(type.Namespace, (string[])["Percpu", "Percpu.Buffers", "Percpu.Pagemap", "Percpu.Interleavings"]));
}
