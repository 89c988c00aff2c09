namespace Percpu.Interleavings.Model;

/// <summary>One step of an execution, as it happened.</summary>
internal struct Step
{
    /// <summary>As <see cref="Enabler"/>: nothing else could happen, so time passed.</summary>
    internal const int EnabledByTime = -2;

    /// <summary>Whose step it is; see <see cref="Processes"/>.</summary>
    internal int Process;

    internal StepKind Kind;

    /// <summary>Whether a blocking lock was entered, or a try succeeded: such a step disables others.</summary>
    internal bool Acquires;

    /// <summary>Where the accesses of the step begin in the list of all.</summary>
    internal int FirstAccess;

    internal int AccessCount;

    /// <summary>The step that made this one possible, or -1.</summary>
    internal int Enabler;

    /// <summary>Of a store that reaches memory: its number among its thread's, and the first that need not come before it.</summary>
    internal int Sequence;

    internal int After;

    /// <summary>Of a section that begins: the thread that it displaces from its processor, or -1, and whether the thread comes from another one.</summary>
    internal int Displaced;

    internal bool Moves;

    internal int Word;
    internal long Value;
    internal long Before;
    internal Source Source;
}
