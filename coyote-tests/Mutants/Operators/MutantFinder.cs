using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Percpu.Mutants.Operators;

/// <summary>Makes every mutant of a file, in the order of the text.</summary>
internal static class MutantFinder
{
    internal static IReadOnlyList<Mutant> Find(SyntaxTree tree, SemanticModel model)
    {
        List<Mutant> found = [];
        Dictionary<string, int> times = [];
        HashSet<(SyntaxNode, string)> seen = [];
        foreach (SyntaxNode node in tree.GetRoot().DescendantNodes().Where(node => !Places.IsForPeople(node) && !Places.RunsElsewhere(node)))
        {
            foreach ((string name, Func<SyntaxNode, SemanticModel, IEnumerable<Change>> operation) in OperatorCatalog.All)
            {
                foreach (Change change in operation(node, model).Select(AsStatement))
                {
                    if (seen.Add((change.Node, name == OperatorCatalog.Swap ? name : change.After)))
                        found.Add(Mutant(tree, model, name, change, times));
                }
            }
        }
        return found;
    }

    // A choice between two values is no statement.
    private static Change AsStatement(Change change) => change is { Form: MutantForm.Expression, Node.Parent: ExpressionStatementSyntax statement }
        ? Change.Of(statement, $"{change.After};") : change;

    private static Mutant Mutant(SyntaxTree tree, SemanticModel model, string name, Change change, Dictionary<string, int> times)
    {
        FileLinePositionSpan at = tree.GetLineSpan(change.Node.Span);
        string id = $"{tree.FilePath}:{at.StartLinePosition.Line + 1}:{at.StartLinePosition.Character + 1}:{name}";
        int time = times[id] = times.GetValueOrDefault(id) + 1;
        // The switch cannot stand before a directive, nor where a constant must stand.
        bool isOwn = change.Form != MutantForm.Expression ? change.Node.ContainsDirectives : change.Node.ContainsDirectives || Places.NeedsConstant(change.Node);
        return new Mutant(time == 1 ? id : $"{id}:{time}", tree.FilePath, at.StartLinePosition.Line + 1, name, change.Node, change.After,
            isOwn ? MutantForm.Own : change.Form, Cast(change.Node, model));
    }

    private static string? Cast(SyntaxNode node, SemanticModel model)
    {
        if (node is not ExpressionSyntax expression)
            return null;
        TypeInfo info = model.GetTypeInfo(expression);
        return Places.IsInteger(info.Type) && Places.IsInteger(info.ConvertedType) && !SymbolEqualityComparer.Default.Equals(info.Type, info.ConvertedType)
            ? info.ConvertedType!.ToDisplayString() : null;
    }
}
