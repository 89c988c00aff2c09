using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Percpu.Interleavings.Twins;
using Percpu.Mutants.Operators;

namespace Percpu.Mutants.Building;

/// <summary>Finds the mutants of the shipped source, and compiles them.</summary>
internal sealed class MutantCompiler
{
    private readonly ShippedCompiler _compiler;
    private readonly Dictionary<SyntaxTree, CSharpCompilation> _owner = [];

    internal MutantCompiler(SourceTree tree)
    {
        _compiler = new ShippedCompiler(tree);
        foreach (CSharpCompilation compilation in _compiler.With(new Dictionary<string, string>()))
        {
            foreach (SyntaxTree each in compilation.SyntaxTrees)
                _owner.TryAdd(each, compilation);
        }
    }

    /// <summary>The paths of the source files that can be mutated, in order.</summary>
    internal IEnumerable<string> Files => _compiler.Trees.Keys.Order(StringComparer.Ordinal);

    internal SyntaxTree TreeOf(string file) => _compiler.Trees[file];

    internal ShippedImages Original => _compiler.Original;

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
        List<Mutant> mutants = [.. wanted];
        while (true)
        {
            Dictionary<string, SwitchedFile> files = mutants.Select((mutant, number) => (number, mutant)).GroupBy(one => one.mutant.File)
                .ToDictionary(group => group.Key, group => new SwitchedFile(_compiler.Trees[group.Key], group));
            Dictionary<string, string> texts = files.ToDictionary(pair => pair.Key, pair => pair.Value.Text);
            texts.Add(SwitchSource.Path, SwitchSource.Text(mutants.Count));
            IReadOnlyList<CSharpCompilation> compilations = _compiler.With(texts);
            HashSet<string> refused = [.. Refused(compilations, files).Select(mutant => mutant.Id)];
            if (refused.Count == 0)
                return new MutantBuild(ShippedCompiler.Emit("all mutants", compilations), mutants);
            mutants = [.. mutants
                .Select(mutant => refused.Contains(mutant.Id) ? mutant with { Form = MutantForm.Own } : mutant)
                .Where(mutant => mutant.Form != MutantForm.Own || !refused.Contains(mutant.Id) || CompilesAlone(mutant))];
        }
    }

    /// <summary>Whether the source with this one defect compiles.</summary>
    internal bool CompilesAlone(Mutant mutant)
    {
        string text = mutant.Apply();
        foreach (CSharpCompilation compilation in _compiler.With(new Dictionary<string, string> { [mutant.File] = text }))
        {
            if (compilation.SyntaxTrees.FirstOrDefault(tree => tree.FilePath == mutant.File) is { } tree)
                return !Errors(compilation, tree).Any();
        }
        return false;
    }

    /// <summary>A build with this one defect alone.</summary>
    /// <exception cref="TwinOutdatedException">It does not compile.</exception>
    internal ShippedImages BuildAlone(Mutant mutant) =>
        ShippedCompiler.Emit(mutant.Id, _compiler.With(new Dictionary<string, string> { [mutant.File] = mutant.Apply() }));

    private static IEnumerable<Mutant> Refused(IReadOnlyList<CSharpCompilation> compilations, Dictionary<string, SwitchedFile> files)
    {
        foreach (CSharpCompilation compilation in compilations)
        {
            foreach (SyntaxTree tree in compilation.SyntaxTrees.Where(tree => files.ContainsKey(tree.FilePath)))
            {
                foreach (Diagnostic error in Errors(compilation, tree))
                {
                    SyntaxNode? member = tree.GetRoot().FindNode(error.Location.SourceSpan).FirstAncestorOrSelf<MemberDeclarationSyntax>();
                    IReadOnlyList<Mutant> blamed = files[tree.FilePath].Blamed(error.Location.SourceSpan, member?.FullSpan ?? tree.GetRoot().FullSpan);
                    if (blamed.Count == 0)
                        throw new InvalidOperationException($"No mutant is to blame for this: {error}");
                    foreach (Mutant mutant in blamed)
                        yield return mutant;
                }
            }
        }
    }

    private static IEnumerable<Diagnostic> Errors(CSharpCompilation compilation, SyntaxTree tree) =>
        compilation.GetSemanticModel(tree).GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
}
