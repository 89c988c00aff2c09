using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Percpu.Mutants.Operators;

/// <summary>What several operators ask of a place.</summary>
internal static class Places
{
    /// <summary>An integer of the language, whether enum or not is the caller's matter.</summary>
    internal static bool IsInteger(ITypeSymbol? type) => type?.SpecialType
        is >= SpecialType.System_SByte and <= SpecialType.System_UInt64 or SpecialType.System_IntPtr or SpecialType.System_UIntPtr;

    internal static bool IsInteger(ExpressionSyntax expression, SemanticModel model) => IsInteger(model.GetTypeInfo(expression).Type);

    internal static bool IsBoolean(ExpressionSyntax expression, SemanticModel model) =>
        model.GetTypeInfo(expression).Type?.SpecialType == SpecialType.System_Boolean;

    /// <summary>
    /// Whether the compiler takes nothing but a constant there: such a place cannot hold the switch.
    /// </summary>
    internal static bool NeedsConstant(SyntaxNode node)
    {
        for (SyntaxNode? at = node; at is not null and not StatementSyntax and not BaseMethodDeclarationSyntax; at = at.Parent)
        {
            if (at is AttributeSyntax or CaseSwitchLabelSyntax or PatternSyntax or EnumMemberDeclarationSyntax
                || at is EqualsValueClauseSyntax { Parent: ParameterSyntax }
                || at is FieldDeclarationSyntax { Modifiers: var modifiers } && modifiers.Any(SyntaxKind.ConstKeyword))
                return true;
        }
        return node.FirstAncestorOrSelf<LocalDeclarationStatementSyntax>() is { IsConst: true };
    }

    /// <summary>Whether it is for people, or to look into from a debugger: no test says what stands there.</summary>
    internal static bool IsForPeople(SyntaxNode node) => node.Ancestors().Any(at =>
        at is AttributeSyntax or InterpolatedStringExpressionSyntax
        || at is InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "nameof" } }
        || at is InvocationExpressionSyntax call && IsDebugging(call)
        || at is MethodDeclarationSyntax { Identifier.Text: "ToString" or "GetDebuggerDisplay" });

    /// <summary>Whether only another operating system runs it: it stands where a question for that one is answered with yes, or is one of its calls.</summary>
    internal static bool RunsElsewhere(SyntaxNode node)
    {
        for (SyntaxNode at = node; at.Parent is { } parent; at = parent)
        {
            if (parent is IfStatementSyntax question && question.Statement == at && IsOther(question.Condition)
                || parent is ConditionalExpressionSyntax choice && choice.WhenTrue == at && IsOther(choice.Condition)
                || parent is BinaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalAndExpression } both && both.Right == at && IsOther(both.Left))
                return true;
        }
        return false;
    }

    /// <summary>Whether it is reached with stripes per CPU only.</summary>
    internal static bool RunsPerCpu(SyntaxNode node) =>
        node.SyntaxTree.FilePath.Contains("/Rseq/", StringComparison.Ordinal)
        || node.SyntaxTree.FilePath.EndsWith("/PerCpu.cs", StringComparison.Ordinal)
        || node.Ancestors().OfType<IfStatementSyntax>().Any(at => at.Statement.Span.Contains(node.Span) && at.Condition.ToString().Contains("PerCpu.InUse", StringComparison.Ordinal));

    private static bool IsOther(ExpressionSyntax question) => question is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax
    {
        Expression: IdentifierNameSyntax { Identifier.Text: "OperatingSystem" }, Name.Identifier.Text: var system,
    } } && system switch
    {
        "IsWindows" => !OperatingSystem.IsWindows(),
        "IsLinux" => !OperatingSystem.IsLinux(),
        "IsMacOS" => !OperatingSystem.IsMacOS(),
        _ => false,
    };

    /// <summary>A call that a build without DEBUG leaves out.</summary>
    internal static bool IsDebugging(ExpressionSyntax call) =>
        call is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "Debug" } } };

    internal static string Text(SyntaxNode node) => node.WithoutTrivia().ToFullString();
}
