extern alias interleavings;

using interleavings::Percpu.Interleavings.Twins;
using Percpu.Mutants.Building;
using Percpu.Mutants.Exploring;
using Percpu.Mutants.Operators;

namespace Percpu.Unit.Mutants;

/// <summary>A mutant of an order is shown by the first memory model in which that order matters, and by none before.</summary>
public sealed class ExploredMutantTests
{
    private const string Counting = "src/PercpuRef/Counting/PercpuRef.cs";

    private static readonly SourceTree Tree = SourceTree.Find();
    private static readonly MutantCompiler Shipped = new(Tree);
    private static readonly ExplorerCompiler Compiler = new(Tree, Shipped);

    [Fact]
    public void An_order_is_asked_where_it_can_matter_and_shown_where_it_does()
    {
        Mutant[] ofPut = [.. Shipped.Find(Counting).Where(ExplorerCompiler.IsOfOrder).Where(mutant => mutant.Node.Ancestors().Any(IsPut))
            .Where(mutant => mutant.Operator == "fence" || mutant.Before.Contains("Release", StringComparison.Ordinal))];
        var runner = new ExplorerRunner(Compiler, ofPut, seconds: 60, "put-kill-1");

        ExplorerResult[] results = [.. Enumerable.Range(0, runner.Mutants.Count).Select(runner.Run)];
        ExplorerResult fence = Assert.Single(results, result => result.Mutant.Operator == "fence");
        Assert.Equal((false, "tso-full"), (fence.Models.ContainsKey("sc"), fence.CaughtUnder));
        ExplorerResult release = Assert.Single(results, result => result.Mutant.Operator == "order");
        Assert.Equal(["arm64", "arm64-full"], release.Models.Keys);
        Assert.Equal("arm64-full", release.CaughtUnder);
        Assert.StartsWith("put-kill-1:", release.Models["arm64-full"].Trace, StringComparison.Ordinal);
    }

    [Fact]
    public void The_seam_is_not_asked_for_the_explorer_has_its_own()
    {
        Assert.True(Compiler.Has(Counting));
        Assert.False(Compiler.Has("src/PercpuRef/Memory/Seam/Atomic.cs"));
    }

    private static bool IsPut(Microsoft.CodeAnalysis.SyntaxNode node) =>
        node is Microsoft.CodeAnalysis.CSharp.Syntax.MethodDeclarationSyntax { Identifier.Text: "Put", ParameterList.Parameters.Count: 0 };
}
