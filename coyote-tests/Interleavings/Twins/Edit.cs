using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Percpu.Interleavings.Twins;

/// <summary>
/// A change of one place in a source file. The place is found by its tokens: blanks, line breaks and comments do not count,
/// so that whoever formats the source breaks no edit.
/// </summary>
/// <param name="File">The path below the repository's root.</param>
/// <param name="Old">Tokens that stand there exactly once, one after another.</param>
/// <param name="New">What stands there instead. No comment at its end: what comes next in the file follows on the same line.</param>
/// <param name="Member">The method, property or type in which they stand; null if they stand nowhere else in the file.</param>
internal sealed record Edit(string File, string Old, string New, string? Member = null)
{
    /// <summary>Applies the change to a file's text.</summary>
    /// <exception cref="TwinOutdatedException">The old tokens are gone, or stand there more than once.</exception>
    internal string Apply(string text, string twin)
    {
        TextSpan place = Find(text, twin);
        return text.Remove(place.Start, place.Length).Insert(place.Start, New);
    }

    /// <summary>Where the old tokens stand, from the first to the last.</summary>
    /// <exception cref="TwinOutdatedException">They are gone, or stand there more than once.</exception>
    internal TextSpan Find(string text, string twin)
    {
        SyntaxToken[] tokens = Tokens(text), wanted = Tokens(Old);
        TextSpan[] members = Members(text);
        TextSpan[] places = [.. Enumerable.Range(0, Math.Max(0, tokens.Length - wanted.Length + 1))
            .Where(at => wanted.Index().All(each => tokens[at + each.Index].Text == each.Item.Text))
            .Select(at => TextSpan.FromBounds(tokens[at].SpanStart, tokens[at + wanted.Length - 1].Span.End))
            .Where(place => Array.Exists(members, member => member.Contains(place)))];
        string where = Member is null ? File : $"{Member} in {File}";
        return places.Length switch
        {
            1 => places[0],
            0 => throw new TwinOutdatedException($"Twin '{twin}': {where} no longer has the text that it edits:\n{Old}"),
            _ => throw new TwinOutdatedException($"Twin '{twin}': {where} has the text that it edits more than once:\n{Old}"),
        };
    }

    /// <summary>The tokens of a text, which need not be complete. An interpolated string is one token.</summary>
    internal static SyntaxToken[] Tokens(string text) =>
        [.. SyntaxFactory.ParseTokens(text, options: TwinCompiler.ParseOptions).Where(token => !token.IsKind(SyntaxKind.EndOfFileToken))];

    // Overloads share a name: a place in any of them will do.
    private TextSpan[] Members(string text) => Member is null ? [new TextSpan(0, text.Length)] :
        [.. CSharpSyntaxTree.ParseText(text, TwinCompiler.ParseOptions).GetRoot().DescendantNodes().OfType<MemberDeclarationSyntax>()
            .Where(member => NameOf(member) == Member).Select(member => member.Span)];

    private static string? NameOf(MemberDeclarationSyntax member) => member switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        _ => null,
    };
}
