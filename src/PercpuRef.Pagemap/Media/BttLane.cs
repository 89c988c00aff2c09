namespace Percpu.Pagemap;

/// <summary>What the log says of one lane.</summary>
/// <param name="Free">The block that the lane writes to next, once an interrupted write is finished.</param>
/// <param name="Slot">Which of the pair is the newer entry: 0 or 1.</param>
/// <param name="Sequence">The newer entry's number: 1, 2 or 3.</param>
/// <param name="Sector">Whose write the newer entry tells of.</param>
/// <param name="New">The block that this write filled.</param>
/// <param name="IsInterrupted">Whether the map does not say so yet.</param>
internal readonly record struct BttLane(uint Free, int Slot, uint Sequence, uint Sector, uint New, bool IsInterrupted)
{
    /// <summary>The block that no sector has, as the map stands.</summary>
    internal uint Held => IsInterrupted ? New : Free;

    /// <summary>The number after a number: 1, 2, 3, 1.</summary>
    internal static uint Next(uint sequence) => sequence % 3 + 1;
}
