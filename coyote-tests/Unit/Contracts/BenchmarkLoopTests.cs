using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Percpu.Unit.Support;

namespace Percpu.Unit.Contracts;

/// <summary>A measured loop is a method of its own for the JIT too: led by a profile it would copy one subject's loop into its virtual
/// call site, in one process and not in the next, and measure another machine code than the one that the docs show.</summary>
public sealed class BenchmarkLoopTests
{
    [Theory]
    [InlineData("bench/PinThroughput", 18)]
    [InlineData("bench/Microbenchmarks", 30)]
    public void No_measured_loop_is_inlined(string folder, int least)
    {
        MethodDeclarationSyntax[] loops = [.. Directory.EnumerateFiles(Repository.At(folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(file => Loops(File.ReadAllText(file)))];
        Assert.True(loops.Length >= least, $"Only {loops.Length} measured loops were found in {folder}.");
        Assert.Empty(loops.Where(loop => !IsNoInlining(loop)).Select(loop => $"{loop.Parent!.ToString().Split('\n')[0]}: {loop.Identifier.ValueText}"));
    }

    [Theory]
    [InlineData("class C { [MethodImpl(MethodImplOptions.NoInlining)] protected override long RunChunk(int chunk) => 0; }", true)]
    [InlineData("class C { protected override long RunChunk(int chunk) => 0; }", false)]
    [InlineData("class C { [Benchmark] public void M() { } }", false)]
    public void The_rule_sees_what_it_asks_for(string source, bool holds) =>
        Assert.Equal(holds, IsNoInlining(Assert.Single(Loops(source))));

    /// <summary>Bodies only: the abstract declaration is called, not measured.</summary>
    private static IEnumerable<MethodDeclarationSyntax> Loops(string source) =>
        CSharpSyntaxTree.ParseText(source).GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>()
            .Where(method => !method.Modifiers.Any(SyntaxKind.AbstractKeyword)
                && (method.Identifier.ValueText is "RunChunk" or "CountZeros" || Names(method).Any(name => name == "Benchmark")));

    private static bool IsNoInlining(MethodDeclarationSyntax method) =>
        method.AttributeLists.ToString().Contains("MethodImplOptions.NoInlining", StringComparison.Ordinal);

    private static IEnumerable<string> Names(MethodDeclarationSyntax method) =>
        method.AttributeLists.SelectMany(list => list.Attributes).Select(attribute => attribute.Name.ToString());
}
