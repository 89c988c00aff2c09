namespace Percpu.Memory;

/// <summary>Where a thread runs: a hint, stale as soon as it is known. Whoever uses it must be right on any processor.</summary>
internal static class Processors
{
    internal static int Count { get; } = Environment.ProcessorCount;

    internal static int Current => Thread.GetCurrentProcessorId();
}
