namespace Percpu.Testing;

/// <summary>For tests over this assembly, which the package PercpuRef.Coyote puts in place of the shipped one.</summary>
/// <remarks>A test needs none of this: each iteration of Coyote begins with fresh state by itself.</remarks>
public static class PercpuTesting
{
    /// <summary>Whether the calling thread is in a test that Coyote schedules.</summary>
    public static bool IsControlled => Iteration.OfThisThread().IsControlled;

    /// <summary>Fails the iteration if memory that the library has unmapped or freed was written to afterwards. Reading such
    /// memory gives bytes of <see cref="Poison"/>.</summary>
    /// <exception cref="InvalidOperationException">It was; the message says who freed it.</exception>
    public static void CheckFreedMemory() => Iteration.OfThisThread().CheckFreedMemory();

    /// <summary>What every byte of unmapped and freed memory reads as, of each range the first MiB.</summary>
    public static byte Poison => Block.Poison;

    /// <summary>Waits in the library that the end of a test cut off, each place once in a process: who waited for what, and where. A test
    /// awaits every task that it starts, and leaves none; assert at its end that this is empty.</summary>
    /// <remarks>What a failure cuts off is not here: its report has it. Thread-safe.</remarks>
    public static IReadOnlyList<string> CutOff => Iteration.CutOff;
}
