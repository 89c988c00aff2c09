using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Percpu.Mutants.Operators;

/// <summary>Integers, their flags and their constants.</summary>
internal static class ArithmeticOperators
{
    /// <summary>The opposite operation.</summary>
    internal static IEnumerable<Change> Arithmetic(SyntaxNode node, SemanticModel model)
    {
        if (node is BinaryExpressionSyntax binary && Places.IsInteger(binary, model) && Opposite(binary.OperatorToken.Text) is { } other)
            yield return Change.Of(binary, $"({Places.Text(binary.Left)}) {other} ({Places.Text(binary.Right)})");
        if (node is AssignmentExpressionSyntax { OperatorToken.Text: [.. var sign, '='] } assignment && Opposite(sign) is { } otherSign
            && Places.IsInteger(assignment, model))
            yield return Change.Of(assignment, $"{Places.Text(assignment.Left)} {otherSign}= {Places.Text(assignment.Right)}");
        if (node is PostfixUnaryExpressionSyntax { OperatorToken.Text: "++" or "--" } post)
            yield return Change.Of(post, Places.Text(post.Operand) + (post.OperatorToken.Text == "++" ? "--" : "++"));
        if (node is PrefixUnaryExpressionSyntax { OperatorToken.Text: "++" or "--" } pre)
            yield return Change.Of(pre, (pre.OperatorToken.Text == "++" ? "--" : "++") + Places.Text(pre.Operand));
        if (node is PrefixUnaryExpressionSyntax { OperatorToken.Text: "-" or "~" } unary && Places.IsInteger(unary, model)
            && unary.Operand is not LiteralExpressionSyntax)
            yield return Change.Of(unary, Places.Text(unary.Operand));
    }

    /// <summary>One flag of several is not set, or is set alone.</summary>
    internal static IEnumerable<Change> Flag(SyntaxNode node, SemanticModel model)
    {
        if (node is BinaryExpressionSyntax binary && binary.IsKind(SyntaxKind.BitwiseOrExpression) && !Places.IsBoolean(binary, model))
        {
            yield return Change.Of(binary, Places.Text(binary.Left));
            yield return Change.Of(binary, Places.Text(binary.Right));
        }
        if (node is AssignmentExpressionSyntax { OperatorToken.Text: "|=" } assignment && !Places.IsInteger(assignment, model) && !Places.IsBoolean(assignment, model))
            yield return Change.Of(assignment, $"{Places.Text(assignment.Left)} = {Places.Text(assignment.Right)}");
    }

    /// <summary>One more or one less: arguments, indices, and what is assigned or returned.</summary>
    internal static IEnumerable<Change> OffByOne(SyntaxNode node, SemanticModel model)
    {
        if (node is not ExpressionSyntax expression || !IsRange(expression) || !Places.IsInteger(expression, model))
            yield break;
        string text = expression is IdentifierNameSyntax or LiteralExpressionSyntax or MemberAccessExpressionSyntax or InvocationExpressionSyntax
            ? Places.Text(expression) : $"({Places.Text(expression)})";
        // Both would be half of all mutants. Which of them it is hangs on nothing but the text, so that it stays when lines move.
        yield return Change.Of(expression, text.Length % 2 == 0 || expression is LiteralExpressionSyntax { Token.Value: 0 } ? $"{text} + 1" : $"{text} - 1");
    }

    /// <summary>Another value of a constant.</summary>
    internal static IEnumerable<Change> Constant(SyntaxNode node, SemanticModel model)
    {
        if (node is LiteralExpressionSyntax literal && literal.Kind() is SyntaxKind.TrueLiteralExpression or SyntaxKind.FalseLiteralExpression)
            yield return Change.Of((LiteralExpressionSyntax)node, node.IsKind(SyntaxKind.TrueLiteralExpression) ? "false" : "true");
        if (node is EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax, Value: var value }
            && node.FirstAncestorOrSelf<FieldDeclarationSyntax>() is { } field && field.Modifiers.Any(SyntaxKind.ConstKeyword) && Places.IsInteger(value, model))
            yield return new Change(value, $"({Places.Text(value)}) + 1", MutantForm.Own);
    }

    private static bool IsRange(ExpressionSyntax expression) => expression.Parent switch
    {
        ArgumentSyntax argument => argument.RefKindKeyword.IsKind(SyntaxKind.None),
        ReturnStatementSyntax or ArrowExpressionClauseSyntax or RangeExpressionSyntax => true,
        AssignmentExpressionSyntax assignment => assignment.Right == expression,
        EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax } => expression.FirstAncestorOrSelf<FieldDeclarationSyntax>() is not { } field
            || !field.Modifiers.Any(SyntaxKind.ConstKeyword),
        _ => false,
    };

    private static string? Opposite(string text) => text switch
    {
        "+" => "-", "-" => "+", "*" => "/", "/" => "*", "%" => "/", "<<" => ">>", ">>" => "<<", "&" => "|", "^" => "|", _ => null,
    };
}
