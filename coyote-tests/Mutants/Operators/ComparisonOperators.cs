using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Percpu.Mutants.Operators;

/// <summary>Comparisons and conditions.</summary>
internal static class ComparisonOperators
{
    /// <summary>A bound that belongs to the range, or does not, the other way round.</summary>
    internal static IEnumerable<Change> Boundary(SyntaxNode node, SemanticModel model)
    {
        if (node is BinaryExpressionSyntax binary && OfBoundary(binary.OperatorToken.Text) is { } other && IsComparison(binary))
            yield return Change.Of(binary, With(binary, other));
        if (node is RelationalPatternSyntax pattern && OfBoundary(pattern.OperatorToken.Text) is { } otherOne)
            yield return new Change(pattern, $"{otherOne} {pattern.Expression}", MutantForm.Own);
    }

    /// <summary>A comparison of the wrong direction.</summary>
    internal static IEnumerable<Change> Sign(SyntaxNode node, SemanticModel model)
    {
        if (node is BinaryExpressionSyntax binary && IsComparison(binary)
            && binary.OperatorToken.Text switch { "<" => ">", ">" => "<", "<=" => ">=", ">=" => "<=", _ => null } is { } other)
            yield return Change.Of(binary, With(binary, other));
    }

    /// <summary>A condition that says the opposite.</summary>
    internal static IEnumerable<Change> Negation(SyntaxNode node, SemanticModel model)
    {
        if (node is BinaryExpressionSyntax binary && binary.Kind() is SyntaxKind.EqualsExpression or SyntaxKind.NotEqualsExpression)
            yield return Change.Of((ExpressionSyntax)node, With((BinaryExpressionSyntax)node, node.IsKind(SyntaxKind.EqualsExpression) ? "!=" : "=="));
        else if (node is PrefixUnaryExpressionSyntax not && not.IsKind(SyntaxKind.LogicalNotExpression))
            yield return Change.Of(not, Places.Text(not.Operand));
        else if (node is ExpressionSyntax condition and not ParenthesizedExpressionSyntax and not LiteralExpressionSyntax
            && !IsAlreadyChanged(condition) && IsCondition(condition) && Places.IsBoolean(condition, model))
            yield return Change.Of(condition, $"!({Places.Text(condition)})");
    }

    /// <summary>And for or, or for and.</summary>
    internal static IEnumerable<Change> Logic(SyntaxNode node, SemanticModel model)
    {
        if (node is BinaryExpressionSyntax binary && binary.OperatorToken.Text switch { "&&" => "||", "||" => "&&", _ => null } is { } other)
        {
            // Precedence stays as it reads: the whole is in parentheses, and so are both sides.
            yield return Change.Of(binary, $"(({Places.Text(binary.Left)}) {other} ({Places.Text(binary.Right)}))");
        }
    }

    private static bool IsComparison(BinaryExpressionSyntax binary) => binary.Kind()
        is SyntaxKind.LessThanExpression or SyntaxKind.LessThanOrEqualExpression or SyntaxKind.GreaterThanExpression or SyntaxKind.GreaterThanOrEqualExpression;

    private static bool IsAlreadyChanged(ExpressionSyntax condition) => condition is PrefixUnaryExpressionSyntax
        || condition is BinaryExpressionSyntax binary && !binary.IsKind(SyntaxKind.IsExpression);

    private static bool IsCondition(ExpressionSyntax condition) => condition.Parent switch
    {
        IfStatementSyntax or WhileStatementSyntax or DoStatementSyntax or ReturnStatementSyntax or ArrowExpressionClauseSyntax => true,
        ForStatementSyntax loop => loop.Condition == condition,
        ConditionalExpressionSyntax choice => choice.Condition == condition,
        BinaryExpressionSyntax { OperatorToken.Text: "&&" or "||" } => true,
        _ => false,
    };

    private static string? OfBoundary(string text) => text switch { "<" => "<=", "<=" => "<", ">" => ">=", ">=" => ">", _ => null };

    private static string With(BinaryExpressionSyntax binary, string other) => $"{Places.Text(binary.Left)} {other} {Places.Text(binary.Right)}";
}
