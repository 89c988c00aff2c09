using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Percpu.Mutants.Operators;

/// <summary>One small defect.</summary>
/// <param name="Id">Path, line, column and operator; a number behind it where an operator makes several of one place.</param>
/// <param name="File">The path below the repository's root.</param>
/// <param name="Line">The first is 1.</param>
/// <param name="Operator">The operator that made it.</param>
/// <param name="Node">The place in the source as it is.</param>
/// <param name="After">What stands there instead. Of a swap: the statement that comes first then.</param>
/// <param name="Form">How it is put behind the switch.</param>
/// <param name="Cast">The type that the place converts its value to, if that is another one than its own.</param>
internal sealed record Mutant(string Id, string File, int Line, string Operator, SyntaxNode Node, string After, MutantForm Form, string? Cast)
{
    /// <summary>The folder of a layer, or the project where it is none of the library's own: Lucene, Arrow, Interleavings.</summary>
    internal string Layer => LayerOf(File);

    internal string Before => Second is null ? OneLine(Node) : $"{OneLine(Node)} {OneLine(Second)}";

    /// <summary>What stands in place of <see cref="Before"/>.</summary>
    internal string Instead => Second is null ? OneLine(After) : $"{OneLine(Second)} {OneLine(Node)}";

    /// <summary>The line of the source that it begins on.</summary>
    internal string LineText => Node.SyntaxTree.GetText().Lines[Line - 1].ToString().Trim();

    /// <summary>Of a swap: the statement behind the place.</summary>
    internal StatementSyntax? Second => Operator == OperatorCatalog.Swap ? Following((StatementSyntax)Node) : null;

    /// <summary>The whole file with this defect and no switch.</summary>
    internal string Apply()
    {
        string text = Node.SyntaxTree.GetText().ToString();
        if (Second is not { } second)
            return string.Concat(text.AsSpan(0, Node.Span.Start), After, text.AsSpan(Node.Span.End));
        return string.Concat(
            string.Concat(text.AsSpan(0, Node.Span.Start), second.ToString(), text.AsSpan(Node.Span.End, second.Span.Start - Node.Span.End)),
            Node.ToString(), text.AsSpan(second.Span.End));
    }

    internal static string LayerOf(string file) => file.Split('/') switch
    {
        [_, "PercpuRef.Interleavings" or "PercpuRef.Lucene" or "PercpuRef.Arrow", ..] parts => parts[1]["PercpuRef.".Length..],
        [_, _, var folder, _, ..] => folder,
        var parts => parts[1],
    };

    /// <summary>The statement behind another one in its list, if there is one.</summary>
    internal static StatementSyntax? Following(StatementSyntax statement)
    {
        SyntaxList<StatementSyntax> all = statement.Parent switch
        {
            BlockSyntax block => block.Statements,
            SwitchSectionSyntax section => section.Statements,
            _ => default,
        };
        int at = all.IndexOf(statement);
        return at >= 0 && at + 1 < all.Count ? all[at + 1] : null;
    }

    private static string OneLine(SyntaxNode node) => OneLine(node.ToString());

    private static string OneLine(string text) => string.Join(' ', text.Split((char[])[' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries));
}
