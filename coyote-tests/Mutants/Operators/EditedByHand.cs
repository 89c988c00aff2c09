using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Percpu.Interleavings.Twins;

namespace Percpu.Mutants.Operators;

/// <summary>Defects that somebody wrote down, to see whether the tests catch them: each has a build of its own.</summary>
internal static class EditedByHand
{
    private static readonly JsonSerializerOptions Names = new() { PropertyNameCaseInsensitive = true };

    /// <param name="json">A list of objects with a name, a file, and its old and new text.</param>
    /// <param name="treeOf">The file's tree.</param>
    /// <exception cref="TwinOutdatedException">The old text is gone, or stands there more than once.</exception>
    internal static IEnumerable<Mutant> Read(string json, Func<string, SyntaxTree> treeOf) =>
        (JsonSerializer.Deserialize<Written[]>(json, Names) ?? []).Select(written => Of(written, treeOf(written.File)));

    private static Mutant Of(Written written, SyntaxTree tree)
    {
        string text = tree.GetText().ToString();
        var edit = new Edit(written.File, written.Old, written.New);
        string after = edit.Apply(text, written.Name);
        // The smallest node around it, so that it is known which block it stands in.
        TextSpan place = edit.Find(text, written.Name);
        SyntaxNode node = tree.GetRoot().FindNode(place);
        int length = node.Span.Length + written.New.Length - place.Length;
        return new Mutant(written.Name, written.File, tree.GetLineSpan(node.Span).StartLinePosition.Line + 1, "edit", node,
            after.Substring(node.SpanStart, length), MutantForm.Own, Cast: null);
    }

    private sealed record Written(string Name, string File, string Old, string New);
}
