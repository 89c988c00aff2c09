namespace Percpu.Mutants.Operators;

/// <summary>How a mutant is put behind the switch.</summary>
internal enum MutantForm
{
    /// <summary>An expression in place of another.</summary>
    Expression,

    /// <summary>Statements, or none, in place of one.</summary>
    Statement,

    /// <summary>A statement and the one behind it, the other way round.</summary>
    Swap,

    /// <summary>Not behind the switch: a build of its own.</summary>
    Own,
}
