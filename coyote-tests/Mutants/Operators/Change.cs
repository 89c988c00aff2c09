using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Percpu.Mutants.Operators;

/// <summary>What an operator makes of a place.</summary>
/// <param name="Node">An expression, a statement, or what only a build of its own can have otherwise.</param>
/// <param name="After">The text in its place. Of a swap: the statement behind it, which then comes first.</param>
/// <param name="Form">How it is put behind the switch.</param>
internal sealed record Change(SyntaxNode Node, string After, MutantForm Form)
{
    internal static Change Of(ExpressionSyntax node, string after) => new(node, after, MutantForm.Expression);

    internal static Change Of(StatementSyntax node, string after) => new(node, after, MutantForm.Statement);
}
