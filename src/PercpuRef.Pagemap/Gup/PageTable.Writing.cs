using Percpu.Memory;

namespace Percpu.Pagemap;

// Changing entries: by compare-exchange, so that faults of one address may race. Tables go only under the map lock.
internal sealed unsafe partial class PageTable
{
    /// <summary>The second-level word of an address; makes the tables above it. Throws OutOfMemoryException.</summary>
    internal long* EnsureLarge(ulong address)
    {
        long* table = EnsureTable(SlotOf(_root, address, 3));
        return SlotOf(EnsureTable(SlotOf(table, address, 2)), address, 1);
    }

    /// <summary>The last-level word of an address; makes the tables above it. Null where a large entry is.</summary>
    internal long* Ensure(ulong address)
    {
        long* table = EnsureTable(EnsureLarge(address));
        return table == null ? null : SlotOf(table, address, 0);
    }

    /// <summary>Clears every entry of a range of whole pages, and unlinks tables that lie in it wholly. Under the map
    /// lock, for writing. Nothing that was found may be dropped or freed before a grace period.</summary>
    internal void Clear(ulong start, ulong end, Cleared cleared)
    {
        for (ulong large = start & ~(LargeSize - 1); large < end; large += LargeSize)
        {
            ulong from = Math.Max(start, large), to = Math.Min(end, large + LargeSize);
            long* slot = FindLarge(large);
            long word = slot == null ? 0 : Atomic.LoadAcquire(slot);
            if (word == 0)
                continue;
            if ((word & PageTableEntry.LargeBit) != 0)
            {
                if (to - from != LargeSize && TrySplit(slot, word))
                    word = Atomic.LoadAcquire(slot);
                else
                {
                    // ORDER(unmap-1) interlocked: entries are gone before the grace period after which their pages are
                    // dropped. Pairs with ORDER(pte-2) of a walk inside a read section.
                    cleared.Entries.Add(new PageTableEntry(Atomic.Exchange(slot, 0)));
                    continue;
                }
            }
            for (ulong address = from; address < to; address += PageSize)
            {
                long* each = SlotOf((long*)word, address, 0);
                if (Atomic.LoadAcquire(each) != 0)
                    cleared.Entries.Add(new PageTableEntry(Atomic.Exchange(each, 0))); // ORDER(unmap-1)
            }
            if (to - from == LargeSize)
            {
                Atomic.Exchange(slot, 0); // ORDER(unmap-1)
                cleared.Tables.Add((nint)word);
            }
        }
    }

    /// <summary>Frees every table. Nobody walks any more.</summary>
    internal void Release() => Release(_root, Levels - 1);

    // Puts a table of 512 entries in the place of a large one.
    private static bool TrySplit(long* slot, long large)
    {
        long* table = AllocateTable();
        for (int i = 0; i < Slots; i++)
            Atomic.StoreLocal(table + i, (large & ~PageTableEntry.LargeBit) + ((long)i << Pfn.PageShift));
        // ORDER(pte-1) interlocked: a table is initialised before a slot leads to it. Pairs with ORDER(pte-2).
        if (Atomic.CompareExchange(slot, (long)table, large) == large)
            return true;
        NativeBlocks.Free(table); // Only its accessed or dirty bit can have changed: the caller clears it whole.
        return false;
    }

    private static long* EnsureTable(long* slot)
    {
        long found = Atomic.LoadAcquire(slot); // ORDER(pte-2)
        if (found == 0)
        {
            long* table = AllocateTable();
            found = Atomic.CompareExchange(slot, (long)table, 0); // ORDER(pte-1)
            if (found == 0)
                return table;
            NativeBlocks.Free(table);
        }
        return (found & PageTableEntry.LargeBit) != 0 ? null : (long*)found;
    }

    private static void Release(long* table, int level)
    {
        for (int i = 0; level > 0 && i < Slots; i++)
        {
            long word = Atomic.LoadAcquire(table + i);
            if (word != 0 && (word & PageTableEntry.LargeBit) == 0)
                Release((long*)word, level - 1);
        }
        NativeBlocks.Free(table);
    }

    private static long* AllocateTable() => (long*)NativeBlocks.Allocate(Slots * sizeof(long));
}
