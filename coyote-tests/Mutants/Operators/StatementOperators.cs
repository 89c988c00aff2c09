using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Percpu.Mutants.Operators;

/// <summary>Whole statements.</summary>
internal static class StatementOperators
{
    /// <summary>A call, an assignment or a jump that is not there.</summary>
    internal static IEnumerable<Change> Drop(SyntaxNode node, SemanticModel model)
    {
        if (IsDroppable(node) && !IsUndo(node) && !IsFence(node))
            yield return Change.Of((StatementSyntax)node, ";");
    }

    /// <summary>A fence that is not there.</summary>
    internal static IEnumerable<Change> Fence(SyntaxNode node, SemanticModel model)
    {
        if (IsDroppable(node) && IsFence(node))
            yield return Change.Of((StatementSyntax)node, ";");
    }

    /// <summary>The same where it takes something back: in a catch or a finally.</summary>
    internal static IEnumerable<Change> Undo(SyntaxNode node, SemanticModel model)
    {
        if (IsDroppable(node) && IsUndo(node) && !IsFence(node))
            yield return Change.Of((StatementSyntax)node, ";");
        if (node is UsingStatementSyntax { Expression: { } held } use)
            yield return Change.Of(use, $"{{ _ = {Places.Text(held)}; {Places.Text(use.Statement)} }}");
        if (node is LocalDeclarationStatementSyntax { UsingKeyword.RawKind: not 0 } scope && EntersLock(scope))
            yield return new Change(scope, Places.Text(scope.WithUsingKeyword(default)), MutantForm.Own);
    }

    /// <summary>A check that is not made: an if without an else that leaves the method.</summary>
    internal static IEnumerable<Change> Check(SyntaxNode node, SemanticModel model)
    {
        if (node is IfStatementSyntax { Else: null } check && Last(check.Statement) is ThrowStatementSyntax or ReturnStatementSyntax or ContinueStatementSyntax)
            yield return Change.Of((IfStatementSyntax)node, ";");
    }

    /// <summary>A lock that is not taken.</summary>
    internal static IEnumerable<Change> Lock(SyntaxNode node, SemanticModel model)
    {
        if (node is LockStatementSyntax held)
            yield return Change.Of(held, Places.Text(held.Statement));
        if (node is LocalDeclarationStatementSyntax { UsingKeyword.RawKind: not 0 } scope && EntersLock(scope))
            yield return new Change(scope, ";", MutantForm.Own);
        if (node is UsingStatementSyntax { Expression: { } entered } use && EntersLock(entered))
            yield return Change.Of(use, Places.Text(use.Statement));
    }

    // Lock of the runtime, WordLock, and the one of a reference's mode switches.
    private static bool EntersLock(SyntaxNode scope) => scope.DescendantNodesAndSelf().Any(part => part is InvocationExpressionSyntax
    {
        Expression: IdentifierNameSyntax { Identifier.Text: "EnterSwitch" } or MemberAccessExpressionSyntax { Name.Identifier.Text: "EnterScope" },
    } or ObjectCreationExpressionSyntax { Type: IdentifierNameSyntax { Identifier.Text: "SwitchScope" } });

    /// <summary>Two neighbours the other way round.</summary>
    internal static IEnumerable<Change> SwapNext(SyntaxNode node, SemanticModel model)
    {
        if (node is ExpressionStatementSyntax or LocalDeclarationStatementSyntax { UsingKeyword.RawKind: 0, IsConst: false }
            && Mutant.Following((StatementSyntax)node) is ExpressionStatementSyntax next
            && node.ToString() != next.ToString() && !Depends(node, next) && !(IsPlain(node) && IsPlain(next))
            && !(node is ExpressionStatementSyntax statement && Places.IsDebugging(statement.Expression)) && !Places.IsDebugging(next.Expression))
            yield return new Change(node, Places.Text(next), MutantForm.Swap);
    }

    // Takes a value that is there, and calls nobody: of two such ones either may come first, unless they are of one place.
    private static bool IsPlain(SyntaxNode node) => node switch
    {
        ExpressionStatementSyntax { Expression: AssignmentExpressionSyntax assignment } => assignment.Left is IdentifierNameSyntax && IsValue(assignment.Right),
        LocalDeclarationStatementSyntax declaration => declaration.Declaration.Variables.All(variable => variable.Initializer is { Value: var value } && IsValue(value)),
        _ => false,
    };

    private static bool IsValue(ExpressionSyntax expression) => expression is LiteralExpressionSyntax or IdentifierNameSyntax or DefaultExpressionSyntax;

    // A local that the first one declares must be there before it is used.
    private static bool Depends(SyntaxNode node, ExpressionStatementSyntax next) => node is LocalDeclarationStatementSyntax declaration
        && declaration.Declaration.Variables.Any(variable => next.DescendantNodes().OfType<IdentifierNameSyntax>()
            .Any(name => name.Identifier.Text == variable.Identifier.Text));

    private static bool IsDroppable(SyntaxNode node) => node switch
    {
        ExpressionStatementSyntax { Expression: var expression } => !Places.IsDebugging(expression),
        BreakStatementSyntax { Parent: not SwitchSectionSyntax } or ContinueStatementSyntax => true,
        ThrowStatementSyntax { Expression: null } => true,
        _ => false,
    };

    private static bool IsFence(SyntaxNode node) => node is ExpressionStatementSyntax
    {
        Expression: InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "Atomic" or "Volatile" or "Interlocked" }, Name.Identifier.Text: var name } },
    }
        && (name.Contains("Fence", StringComparison.Ordinal) || name.Contains("Barrier", StringComparison.Ordinal));

    private static bool IsUndo(SyntaxNode node) => node.Ancestors().TakeWhile(at => at is not MemberDeclarationSyntax and not AnonymousFunctionExpressionSyntax)
        .Any(at => at is CatchClauseSyntax or FinallyClauseSyntax);

    private static StatementSyntax? Last(StatementSyntax statement) => statement is BlockSyntax block ? block.Statements.LastOrDefault() : statement;
}
