using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Percpu.Interleavings.Twins;
using Percpu.Mutants.Operators;

namespace Percpu.Mutants.Building;

/// <summary>Finds the mutants of the shipped source, and compiles them.</summary>
internal sealed class MutantCompiler
{
    private readonly ShippedCompiler _compiler;
    private readonly SwitchCompiler _switch;
    private readonly Dictionary<SyntaxTree, CSharpCompilation> _owner = [];

    internal MutantCompiler(SourceTree tree)
    {
        _compiler = new ShippedCompiler(tree, "PercpuRef.Interleavings", "PercpuRef.Lucene", "PercpuRef.Arrow");
        _switch = new SwitchCompiler(TreeOf, _compiler.With, SwitchSource.Of);
        foreach (CSharpCompilation compilation in _compiler.With(new Dictionary<string, string>()))
        {
            foreach (SyntaxTree each in compilation.SyntaxTrees)
                _owner.TryAdd(each, compilation);
        }
    }

    /// <summary>The paths of the source files that can be mutated, in order.</summary>
    internal IEnumerable<string> Files => _compiler.Trees.Keys.Order(StringComparer.Ordinal);

    internal SyntaxTree TreeOf(string file) => _compiler.Trees[file];

    /// <summary>What the operators make of a file. Not each of them compiles.</summary>
    internal IReadOnlyList<Mutant> Find(string file)
    {
        SyntaxTree tree = _compiler.Trees[file];
        return MutantFinder.Find(tree, _owner[tree].GetSemanticModel(tree));
    }

    /// <summary>
    /// Compiles them behind the switch. One that the compiler does not take there gets a build of its own, and one that it does not take
    /// at all is left out.
    /// </summary>
    internal MutantBuild Build(IReadOnlyList<Mutant> wanted)
    {
        (IReadOnlyList<CSharpCompilation> compilations, IReadOnlyList<Mutant> mutants) = _switch.Compile(wanted);
        return new MutantBuild(ShippedCompiler.Emit("all mutants", compilations), mutants);
    }

    /// <summary>Whether the source with this one defect compiles.</summary>
    internal bool CompilesAlone(Mutant mutant) => _switch.CompilesAlone(mutant);

    /// <summary>A build with this one defect alone.</summary>
    /// <exception cref="TwinOutdatedException">It does not compile.</exception>
    internal ShippedImages BuildAlone(Mutant mutant) =>
        ShippedCompiler.Emit(mutant.Id, _compiler.With(new Dictionary<string, string> { [mutant.File] = mutant.Apply() }));
}
