namespace Percpu.Memory;

/// <summary>Shared words at a stable address, and a stripe in every area.</summary>
/// <param name="words">Four words, or a line of seven; see <see cref="SlotRun"/>.</param>
/// <param name="number">Tells the stripes' place; see <see cref="StripeLayout"/>.</param>
internal readonly unsafe struct Slot(long* words, long number)
{
    internal long* Words { get; } = words;

    internal long Number { get; } = number;
}
