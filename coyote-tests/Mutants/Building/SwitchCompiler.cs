using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Percpu.Mutants.Operators;

namespace Percpu.Mutants.Building;

/// <summary>Compiles many mutants at once, each behind its number.</summary>
/// <param name="treeOf">A file as it is.</param>
/// <param name="with">All that is compiled, with other texts of some files.</param>
/// <param name="switchOf">Path and text of the file that chooses among so many mutants.</param>
internal sealed class SwitchCompiler(
    Func<string, SyntaxTree> treeOf,
    Func<IReadOnlyDictionary<string, string>, IReadOnlyList<CSharpCompilation>> with,
    Func<int, (string Path, string Text)> switchOf)
{
    /// <summary>
    /// What is ready to be emitted, and its mutants by their numbers. One that the compiler does not take behind the switch has the form
    /// <see cref="MutantForm.Own"/> then, and one that it does not take at all is left out.
    /// </summary>
    internal (IReadOnlyList<CSharpCompilation> Compilations, IReadOnlyList<Mutant> Mutants) Compile(IReadOnlyList<Mutant> wanted)
    {
        List<Mutant> mutants = [.. wanted];
        while (true)
        {
            Dictionary<string, SwitchedFile> files = mutants.Select((mutant, number) => (number, mutant)).GroupBy(one => one.mutant.File)
                .ToDictionary(group => group.Key, group => new SwitchedFile(treeOf(group.Key), group));
            Dictionary<string, string> texts = files.ToDictionary(pair => pair.Key, pair => pair.Value.Text);
            (string path, string text) = switchOf(mutants.Count);
            texts.Add(path, text);
            IReadOnlyList<CSharpCompilation> compilations = with(texts);
            HashSet<string> refused = [.. Refused(compilations, files).Select(mutant => mutant.Id)];
            if (refused.Count == 0)
                return (compilations, mutants);
            mutants = [.. mutants
                .Select(mutant => refused.Contains(mutant.Id) ? mutant with { Form = MutantForm.Own } : mutant)
                .Where(mutant => mutant.Form != MutantForm.Own || !refused.Contains(mutant.Id) || CompilesAlone(mutant))];
        }
    }

    /// <summary>Whether the source with this one defect compiles.</summary>
    internal bool CompilesAlone(Mutant mutant)
    {
        string text = mutant.Apply();
        foreach (CSharpCompilation compilation in with(new Dictionary<string, string> { [mutant.File] = text }))
        {
            if (compilation.SyntaxTrees.FirstOrDefault(tree => tree.FilePath == mutant.File) is { } tree)
                return !Errors(compilation, tree).Any();
        }
        return false;
    }

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
