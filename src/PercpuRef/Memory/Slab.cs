namespace Percpu.Memory;

/// <summary>
/// 512 slots: to each belong a cache line of shared words, one offset in every stripe area, and a watch that tells
/// when the slot's owner is gone for good.
/// </summary>
internal sealed unsafe class Slab
{
    internal const int Slots = 512;
    private const int WordsPerLine = 8;

    private readonly long[] _memory;
    private readonly long _lines;
    private readonly WeakWatch[] _watches = new WeakWatch[Slots];
    private readonly bool[] _rented = new bool[Slots];

    internal Slab(StripeSet stripes, bool readers)
    {
        // One line more than needed: the collector aligns to 8 bytes, a line wants 64.
        _memory = NativeBlocks.AllocatePinnedWords((Slots + 1) * WordsPerLine);
        _lines = ((long)Pinned.Address(_memory, 0) + 63) & ~63L;
        FirstOffset = stripes.TakeOffsets(Slots, readers);
    }

    internal long FirstOffset { get; }

    internal int RentedCount
    {
        get
        {
            int count = 0;
            for (int i = 0; i < Slots; i++)
                count += _rented[i] && !_watches[i].HasLetGo ? 1 : 0;
            return count;
        }
    }

    /// <summary>Rents a free slot to an owner. Throws OutOfMemoryException with the slot still free.</summary>
    internal Slot Rent(int index, object owner)
    {
        _watches[index].Set(owner);
        _rented[index] = true;
        return SlotAt(index);
    }

    internal Slot SlotAt(int index) => new((long*)_lines + index * WordsPerLine, FirstOffset + index * sizeof(long));

    /// <summary>The owner of a slot, unless it is free or the collector has let go of it.</summary>
    internal object? OwnerOf(int index) => _rented[index] ? _watches[index].Owner : null;

    /// <summary>Frees the slot if the collector has let go of its owner.</summary>
    internal bool TryReclaim(int index)
    {
        if (!_rented[index] || !_watches[index].HasLetGo)
            return false;
        _rented[index] = false;
        return true;
    }
}
