namespace Percpu.Memory;

/// <summary>A cache line of shared words (8 words) and an offset in every stripe area.</summary>
internal readonly unsafe struct Slot(long* line, long offset)
{
    internal long* Line { get; } = line;

    internal long Offset { get; } = offset;
}
