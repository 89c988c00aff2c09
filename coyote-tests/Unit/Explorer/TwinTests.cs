extern alias interleavings;

using interleavings::Percpu.Interleavings.Twins;

namespace Percpu.Unit.Explorer;

/// <summary>Twins still fit the source. That each is caught takes minutes: <c>Interleavings --twins</c>.</summary>
public sealed class TwinTests
{
    private static readonly TwinCompiler Compiler = new(SourceTree.Find());

    public static TheoryData<string> Names => [.. TwinCatalog.All.Select(twin => twin.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_twin_still_fits_the_source_and_compiles(string name) =>
        Compiler.Check(TwinCatalog.All.Single(twin => twin.Name == name));

    [Theory]
    [InlineData("no-process-wide-fence")]
    [InlineData("central-before-stripes")]
    [InlineData("no-second-check-get")]
    [InlineData("unmap-before-last-unpin")]
    public void A_twin_is_caught_by_its_layer_and_not_by_a_weaker_one(string name) =>
        Assert.True(new TwinRunner(Compiler).Run(TwinCatalog.All.Single(twin => twin.Name == name), seconds: 5).AsExpected);

    [Fact]
    public void A_twin_whose_text_is_gone_fails_loudly()
    {
        Twin stale = TwinCatalog.All[0] with { Name = "stale", Edits = [new Edit("src/PercpuRef/Counting/PercpuRef.cs", "no such text", "")] };
        Assert.Contains("no such text", Assert.Throws<TwinOutdatedException>(() => Compiler.Check(stale)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_shipped_assemblies_can_be_compiled_with_a_defect_for_the_layers_of_real_threads()
    {
        var compiler = new ShippedCompiler(SourceTree.Find());
        Assert.True(compiler.CanCompile(TwinCatalog.All[0]));
        Assert.False(compiler.CanCompile(TwinCatalog.All.Single(twin => twin.Name == "light-fence-not-full")));
        var context = new System.Runtime.Loader.AssemblyLoadContext("shipped twin", isCollectible: true);
        foreach (byte[] image in compiler.Compile(TwinCatalog.All[0]).Files.Values)
        {
            using var stream = new MemoryStream(image);
            Assert.NotEmpty(context.LoadFromStream(stream).GetTypes());
        }
        context.Unload();
    }
}
