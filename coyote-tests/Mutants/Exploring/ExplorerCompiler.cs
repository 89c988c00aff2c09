using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Percpu.Interleavings.Twins;
using Percpu.Mutants.Building;
using Percpu.Mutants.Operators;

namespace Percpu.Mutants.Exploring;

/// <summary>Compiles mutants into the explorer, which has the shipped source in it but for its seam.</summary>
internal sealed class ExplorerCompiler(SourceTree tree, MutantCompiler shipped)
{
    private readonly TwinCompiler _compiler = new(tree);

    /// <summary>Whether the explorer explores it: the seam is not in it, for it has one of its own, and it is no judge of itself.</summary>
    internal bool Has(string file) => !file.StartsWith("src/PercpuRef.Interleavings/", StringComparison.Ordinal) && _compiler.Files.Contains(file);

    /// <summary>What this tool asks the explorer: the order of accesses to memory that threads share.</summary>
    internal static bool IsOfOrder(Mutant mutant) => OperatorCatalog.OfOrder.Contains(mutant.Operator)
        || mutant is { Operator: OperatorCatalog.Swap, Second: { } second } && TouchesShared(mutant.Node) && TouchesShared(second)
            // Of two plain stores either may come first already, where stores overtake: the source holds there, and so does the swap.
            && !(IsPlainStore(mutant.Node) && IsPlainStore(second));

    /// <summary>An assembly with all of them behind the switch, loaded apart from this one, and the mutants by their numbers.</summary>
    internal (Assembly Assembly, IReadOnlyList<Mutant> Mutants) Load(IReadOnlyList<Mutant> wanted)
    {
        var compiler = new SwitchCompiler(shipped.TreeOf, texts => [_compiler.With(texts)], ExplorerSwitch.Of);
        (IReadOnlyList<CSharpCompilation> compilations, IReadOnlyList<Mutant> mutants) = compiler.Compile([.. wanted.Select(AsExplored)]);
        return (Load(compilations[0]), mutants);
    }

    /// <summary>An assembly with this one alone.</summary>
    internal Assembly LoadAlone(Mutant mutant)
    {
        (string path, string text) = ExplorerSwitch.Of(1);
        return Load(_compiler.With(new Dictionary<string, string> { [mutant.File] = mutant.Apply(), [path] = text }));
    }

    // To the seam a local load is one of a word that nobody else writes, and no step. Here others write it.
    private static Mutant AsExplored(Mutant mutant) => mutant.Before.Contains("Atomic.LoadAcquire", StringComparison.Ordinal) && mutant.Operator == "order"
        ? mutant with { After = mutant.After.Replace("Atomic.LoadLocal", ExplorerSwitch.PlainLoad, StringComparison.Ordinal) } : mutant;

    private static bool TouchesShared(SyntaxNode node) => node.ToString().Contains("Atomic.", StringComparison.Ordinal);

    private static bool IsPlainStore(SyntaxNode node) => node.ToString() is var text
        && text.StartsWith("Atomic.StoreLocal(", StringComparison.Ordinal) && text.LastIndexOf("Atomic.", StringComparison.Ordinal) == 0;

    private static Assembly Load(CSharpCompilation compilation)
    {
        using var image = new MemoryStream();
        TwinCompiler.Require("all mutants", compilation.Emit(image).Diagnostics);
        image.Position = 0;
        return new AssemblyLoadContext("mutants", isCollectible: true).LoadFromStream(image);
    }
}
