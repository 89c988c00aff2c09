using System.Numerics;

namespace Percpu.Memory;

/// <summary>
/// The slots of one run: to each belong shared words, a stripe in every area, and a watch that tells when the slot's
/// owner is gone for good.
/// </summary>
/// <remarks>
/// <para>Where two slots share a line, every other one is handed out first: as long as half of a slab will do, each has a line of
/// its own.</para>
/// <para>No mode word has the position in its line that its stripe has in a thread's (<see cref="StripeLayout.IndexOf"/>).
/// Half lines: an even slot's mode word is word 0, and its stripe never; an odd slot's is word 4, and its stripe is
/// odd or 0. Whole lines: the words begin at word 0, and the two that readers load are words 0 and 2; where the stripe has one of
/// these, they begin at word 1.</para>
/// </remarks>
internal sealed unsafe class Slab
{
    internal const int Slots = StripeLayout.RunSlots;

    private const int WordsPerLine = StripeLayout.LineBytes / sizeof(long);
    private const ulong Even = 0x5555_5555_5555_5555;

    private readonly long[] _memory;
    private readonly long _lines;
    private readonly int _wordsPerSlot;
    private readonly WeakWatch[] _watches = new WeakWatch[Slots];
    private readonly ulong[] _free = new ulong[Slots / 64];

    internal Slab(int run, SlotKind kind)
    {
        Run = run;
        _wordsPerSlot = kind == SlotKind.Count ? WordsPerLine / 2 : WordsPerLine;
        // One line more than needed: the collector aligns to 8 bytes, a line wants 64.
        _memory = NativeBlocks.AllocatePinnedWords(Slots * _wordsPerSlot + WordsPerLine);
        _lines = ((long)Pinned.Address(_memory, 0) + 63) & ~63L;
        Array.Fill(_free, ulong.MaxValue);
        FreeCount = Slots;
    }

    internal int Run { get; }

    internal int FreeCount { get; private set; }

    internal int RentedCount
    {
        get
        {
            int count = 0;
            for (int i = 0; i < Slots; i++)
                count += !IsFree(i) && !_watches[i].HasLetGo ? 1 : 0;
            return count;
        }
    }

    /// <summary>Rents a free slot to an owner; there is one. Throws OutOfMemoryException with the slot still free.</summary>
    internal Slot Rent(object owner)
    {
        int index = FindFree(Even);
        if (index < 0)
            index = FindFree(~Even);
        _watches[index].Set(owner);
        _free[index / 64] &= ~(1UL << index);
        FreeCount--;
        return SlotAt(index);
    }

    internal Slot SlotAt(int index)
    {
        int at = index * _wordsPerSlot;
        if (_wordsPerSlot == WordsPerLine && (StripeLayout.IndexOf(index) & 5) == 0)
            at++;
        return new Slot((long*)_lines + at, (long)Run * Slots + index);
    }

    /// <summary>The owner of a slot, unless it is free or the collector has let go of it.</summary>
    internal object? OwnerOf(int index) => IsFree(index) ? null : _watches[index].Owner;

    /// <summary>Frees the slot if the collector has let go of its owner.</summary>
    internal bool TryReclaim(int index)
    {
        if (IsFree(index) || !_watches[index].HasLetGo)
            return false;
        _free[index / 64] |= 1UL << index;
        FreeCount++;
        return true;
    }

    /// <summary>Gives the handles of all watches back; see <see cref="StripeSet.Release"/>.</summary>
    internal void Release()
    {
        foreach (ref WeakWatch watch in _watches.AsSpan())
            watch.Release();
    }

    private bool IsFree(int index) => (_free[index / 64] >> index & 1) != 0;

    private int FindFree(ulong mask)
    {
        for (int i = 0; i < _free.Length; i++)
        {
            if ((_free[i] & mask) is not 0 and ulong free)
                return i * 64 + BitOperations.TrailingZeroCount(free);
        }
        return -1;
    }
}
