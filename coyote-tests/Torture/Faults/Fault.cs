namespace Percpu.Torture.Faults;

/// <summary>What is done to the threads. A run in which one of them did not happen proves little.</summary>
internal enum Fault
{
    /// <summary>A thread gave up the processor between two operations.</summary>
    Yield,

    /// <summary>Up to 200 microseconds of sleep.</summary>
    ShortSleep,

    /// <summary>Rare: up to a third of a second, holding nothing.</summary>
    LongSleep,

    /// <summary>Rare: up to a third of a second while holding a reference or inside a read section.</summary>
    StalledHolder,

    /// <summary>All threads stopped at their next point and went on together.</summary>
    Stutter,

    /// <summary>A garbage collection, which suspends threads wherever they are, also inside operations.</summary>
    Collection,

    /// <summary>Threads were moved to other processors, now and then all to one.</summary>
    Shuffle,

    /// <summary>A thread's priority was changed.</summary>
    Priority,

    /// <summary>Times the system took the processor from a thread that wanted to go on: there are more threads than cores.</summary>
    Preemption,

    /// <summary>The light fence was a full one (a process of its own).</summary>
    FullLightFence,

    /// <summary>A stripe area could not be allocated (a process of its own).</summary>
    AllocationFailure,

    /// <summary>How many there are.</summary>
    Count,
}
