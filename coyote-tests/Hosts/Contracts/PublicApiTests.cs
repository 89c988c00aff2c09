using System.Reflection;
using Percpu.Arrow;
using Percpu.Unit.Support;
using Percpu.Lucene;

namespace Percpu.HostTests.Contracts;

/// <summary>The packages' public surface against the text that was approved, as in the unit tests: PERCPU_ACCEPT_API=1 approves.</summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData(typeof(PercpuDirectory))]
    [InlineData(typeof(ArrowFile))]
    public void The_public_surface_is_the_approved_one(Type anyType)
    {
        Assembly assembly = anyType.Assembly;
        string file = Repository.At($"coyote-tests/Hosts/Contracts/PublicApi.{assembly.GetName().Name}.txt");
        string actual = PublicApi.Describe(assembly);
        if (Environment.GetEnvironmentVariable("PERCPU_ACCEPT_API") == "1")
            File.WriteAllText(file, actual);
        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), actual);
    }
}
