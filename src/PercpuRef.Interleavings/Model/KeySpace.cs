namespace Percpu.Interleavings.Model;

/// <summary>Things that are not words of memory, but that steps read and write all the same.</summary>
internal enum KeySpace
{
    /// <summary>Whether a thread has ended.</summary>
    Life = 1,

    /// <summary>Whether a thread's store buffer may be filled: what a process-wide fence waits for.</summary>
    Buffer,
    Completion,
    Collector,

    /// <summary>All managed references of one static type: their addresses move.</summary>
    References,
    Allocator,
    SpareThreads,

    /// <summary>Whether a thread was interrupted.</summary>
    Interrupts,

    /// <summary>Who runs on a processor.</summary>
    Processor,

    /// <summary>Whether a thread is inside a restartable sequence.</summary>
    Section,

    /// <summary>The order of all writes, where loads may be early.</summary>
    Memory,

    /// <summary>Which value a thread's load finds.</summary>
    Loads,

    /// <summary>State of the checks.</summary>
    Ghost,
}
