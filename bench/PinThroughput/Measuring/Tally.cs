namespace Percpu.PinThroughput.Measuring;

/// <summary>What one thread did in one round.</summary>
/// <param name="Operations">Operations whose results were checked; 0 for a thread that only disturbs.</param>
/// <param name="Ticks">Stopwatch ticks that they took.</param>
/// <param name="AllocatedBytes">What the thread allocated on the managed heap meanwhile.</param>
internal readonly record struct Tally(long Operations, long Ticks, long AllocatedBytes);
