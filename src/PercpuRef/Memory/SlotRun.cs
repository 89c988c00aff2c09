using System.Numerics;

namespace Percpu.Memory;

/// <summary>
/// The slots of one run. To each belong shared words, a stripe in every area, and a watch that tells when the garbage collector
/// has let go of the slot's owner for good.
/// </summary>
/// <remarks>
/// <para>Where two slots share a line, every other slot is rented first: as long as not more than half of the run is rented, each
/// has a line of its own.</para>
/// <para>No mode word has the position in its line that the slot's stripe has in a thread's line;
/// <see cref="StripeLayout.IndexOf"/> tells why. Half lines: the mode word of an even slot is word 0, where its stripe never is;
/// that of an odd slot is word 4, and its stripe is an odd word or word 0. Whole lines: readers load the first and the third of a
/// slot's words. These are words 0 and 2 of the line, or 1 and 3 where the stripe is word 0 or 2.</para>
/// </remarks>
internal sealed unsafe class SlotRun
{
    internal const int Slots = StripeLayout.RunSlots;

    private const int WordsPerLine = StripeLayout.LineBytes / sizeof(long);
    private const ulong Even = 0x5555_5555_5555_5555;

    private readonly long[] _memory;
    private readonly long _lines;
    private readonly int _wordsPerSlot;
    private readonly WeakWatch[] _watches = new WeakWatch[Slots];
    private readonly ulong[] _free = new ulong[Slots / 64];

    internal SlotRun(int number, SlotKind kind)
    {
        Number = number;
        _wordsPerSlot = kind == SlotKind.Count ? WordsPerLine / 2 : WordsPerLine;
        // One line more than needed: the garbage collector aligns the array to 8 bytes, and we need 64.
        _memory = NativeBlocks.AllocatePinnedWords(Slots * _wordsPerSlot + WordsPerLine);
        _lines = ((long)Pinned.Address(_memory, 0) + 63) & ~63L;
        Array.Fill(_free, ulong.MaxValue);
        FreeCount = Slots;
    }

    internal int Number { get; }

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
        return new Slot((long*)_lines + at, (long)Number * Slots + index);
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
