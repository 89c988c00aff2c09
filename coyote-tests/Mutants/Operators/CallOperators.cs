using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Percpu.Mutants.Operators;

/// <summary>Calls: their arguments, and the order that they have in memory.</summary>
internal static class CallOperators
{
    /// <summary>Two neighbouring arguments of one type, the other way round.</summary>
    internal static IEnumerable<Change> Argument(SyntaxNode node, SemanticModel model)
    {
        ArgumentListSyntax? list = node switch
        {
            InvocationExpressionSyntax call => call.ArgumentList,
            BaseObjectCreationExpressionSyntax creation => creation.ArgumentList,
            _ => null,
        };
        if (list is null || node is not ExpressionSyntax expression || IsTextOrCommutative(node))
            yield break;
        for (int at = 0; at + 1 < list.Arguments.Count; at++)
        {
            ArgumentSyntax first = list.Arguments[at], second = list.Arguments[at + 1];
            if (!first.RefKindKeyword.IsKind(second.RefKindKeyword.Kind()) || first.NameColon is not null || second.NameColon is not null
                || model.GetTypeInfo(first.Expression).Type is not { } type
                || !SymbolEqualityComparer.Default.Equals(type, model.GetTypeInfo(second.Expression).Type)
                || Places.Text(first) == Places.Text(second))
                continue;
            SeparatedSyntaxList<ArgumentSyntax> arguments = list.Arguments
                .Replace(first, second.WithTriviaFrom(first));
            arguments = arguments.Replace(arguments[at + 1], first.WithTriviaFrom(second));
            yield return Change.Of(expression, Places.Text(expression.ReplaceNode(list, list.WithArguments(arguments))));
        }
    }

    /// <summary>The least for the greatest.</summary>
    internal static IEnumerable<Change> Extreme(SyntaxNode node, SemanticModel model)
    {
        if (node is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: "Min" or "Max" } access } call)
        {
            string other = access.Name.Identifier.Text == "Min" ? "Max" : "Min";
            yield return Change.Of(call, $"{Places.Text(access.Expression)}.{other}{Places.Text(call.ArgumentList)}");
        }
    }

    /// <summary>A release or an acquire made plain. A fence is dropped as a statement.</summary>
    internal static IEnumerable<Change> Order(SyntaxNode node, SemanticModel model)
    {
        if (node is not InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: var type } } access } call)
            yield break;
        string arguments = Places.Text(call.ArgumentList);
        string? other = (type, access.Name.Identifier.Text) switch
        {
            ("Atomic", "StoreRelease") => $"Atomic.StoreLocal{arguments}",
            ("Atomic", "AddLocalRelease") => $"Atomic.AddLocal{arguments}",
            ("Atomic", "LoadAcquire") => $"Atomic.LoadLocal{arguments}",
            ("Volatile", "Read") => Bare(call.ArgumentList.Arguments[0]),
            ("Volatile", "Write") => $"{Bare(call.ArgumentList.Arguments[0])} = {Places.Text(call.ArgumentList.Arguments[1])}",
            _ => null,
        };
        if (other is not null && call.Parent is StatementSyntax statement)
            yield return Change.Of(statement, $"{other};");
        else if (other is not null)
            yield return Change.Of(call, other);
    }

    // An exception's texts are for people, and of two values the least is the least in any order.
    private static bool IsTextOrCommutative(SyntaxNode node) => node is ObjectCreationExpressionSyntax { Type: var type } && type.ToString().EndsWith("Exception", StringComparison.Ordinal)
        || node is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: "Min" or "Max" or "ReferenceEquals" } or IdentifierNameSyntax { Identifier.Text: "ReferenceEquals" } };

    private static string Bare(ArgumentSyntax argument) => Places.Text(argument.Expression);
}
