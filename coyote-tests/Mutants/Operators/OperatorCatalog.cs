using Microsoft.CodeAnalysis;

namespace Percpu.Mutants.Operators;

/// <summary>Every operator by its name. Each looks at one node, and yields what it would make of it.</summary>
internal static class OperatorCatalog
{
    internal const string Swap = "swap";

    /// <summary>Those whose mutants tests on real threads rarely see: what they break, few processors do. They are for the explorer.</summary>
    internal static IReadOnlyList<string> OfOrder { get; } = ["order", "fence"];

    internal static IReadOnlyList<(string Name, Func<SyntaxNode, SemanticModel, IEnumerable<Change>> Of)> All { get; } =
    [
        ("boundary", ComparisonOperators.Boundary),
        ("sign", ComparisonOperators.Sign),
        ("negation", ComparisonOperators.Negation),
        ("logic", ComparisonOperators.Logic),
        ("arithmetic", ArithmeticOperators.Arithmetic),
        ("flag", ArithmeticOperators.Flag),
        ("off-by-one", ArithmeticOperators.OffByOne),
        ("constant", ArithmeticOperators.Constant),
        ("argument", CallOperators.Argument),
        ("extreme", CallOperators.Extreme),
        ("order", CallOperators.Order),
        ("drop", StatementOperators.Drop),
        ("fence", StatementOperators.Fence),
        ("undo", StatementOperators.Undo),
        ("check", StatementOperators.Check),
        ("lock", StatementOperators.Lock),
        (Swap, StatementOperators.SwapNext),
    ];
}
