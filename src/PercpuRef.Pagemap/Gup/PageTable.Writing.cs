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

    /// <summary>Asks for all memory that <see cref="Clear"/> of the range will need. Under the map lock, for writing.</summary>
    /// <exception cref="OutOfMemoryException">Nothing was taken out.</exception>
    internal void Expect(ulong start, ulong end, ref Cleared cleared)
    {
        int entries = 0, tables = 0;
        for (ulong large = start & ~(LargeSize - 1); large < end; large += LargeSize)
        {
            ulong from = Math.Max(start, large), to = Math.Min(end, large + LargeSize);
            long* slot = FindLarge(large);
            long word = slot == null ? 0 : Atomic.LoadAcquire(slot);
            while ((word & PageTableEntry.LargeBit) != 0 && to - from != LargeSize)
                word = Split(slot, word);
            if (word == 0)
                continue;
            if ((word & PageTableEntry.LargeBit) != 0)
            {
                entries += new PageTableEntry(word).HoldsPage ? 1 : 0;
                continue;
            }
            for (ulong address = from; address < to; address += PageSize)
                entries += new PageTableEntry(Atomic.LoadAcquire(SlotOf((long*)word, address, 0))).HoldsPage ? 1 : 0;
            tables += to - from == LargeSize ? 1 : 0;
        }
        cleared.Expect(entries);
        cleared.ExpectTables(tables);
    }

    /// <summary>Clears every entry of a range of whole pages that was <see cref="Expect">expected</see>, and unlinks tables that lie in
    /// it wholly. Under the map lock, for writing. Nothing that was found may be dropped or freed before a grace period.</summary>
    internal void Clear(ulong start, ulong end, ref Cleared cleared)
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
                // ORDER(unmap-1) interlocked: entries are gone before the grace period after which their pages are
                // dropped. Pairs with ORDER(pte-2) of a walk inside a read section.
                cleared.Add(new PageTableEntry(Atomic.Exchange(slot, 0)));
                continue;
            }
            for (ulong address = from; address < to; address += PageSize)
            {
                long* each = SlotOf((long*)word, address, 0);
                if (Atomic.LoadAcquire(each) != 0)
                    cleared.Add(new PageTableEntry(Atomic.Exchange(each, 0))); // ORDER(unmap-1)
            }
            if (to - from == LargeSize && cleared.HasRoomForTable)
            {
                Atomic.Exchange(slot, 0); // ORDER(unmap-1)
                cleared.AddTable((long*)word);
            }
        }
    }

    /// <summary>Marks entry and page as used, and for a write as written.</summary>
    /// <remarks>Kernel: <c>touch_pmd</c>, and what <c>follow_page_pte</c> does for <c>FOLL_TOUCH</c>.</remarks>
    internal static void Touch(long* slot, Page page, GupFlags flags)
    {
        if ((flags & GupFlags.Touch) == 0)
            return;
        bool write = (flags & GupFlags.Write) != 0;
        long bits = PageTableEntry.AccessedBit | (write ? PageTableEntry.DirtyBit : 0);
        long found = Atomic.LoadAcquire(slot);
        if ((found & PageTableEntry.PresentBit) != 0 && (found & bits) != bits)
            Atomic.CompareExchange(slot, found | bits, found); // A change meanwhile is worth more than the mark.
        if (!page.IsNull)
            page.SetFlags(PageFlags.Accessed | (write ? PageFlags.Dirty : PageFlags.None));
    }

    /// <summary>Makes the next ordinary access of each mapped page of a range fault. Under the map lock, for reading.</summary>
    /// <returns>How many entries were marked.</returns>
    internal long MarkHints(ulong start, ulong end)
    {
        long marked = 0;
        for (ulong at = start; at < end;)
        {
            long* slot = Find(at, out bool large);
            ulong next = slot == null || large ? (at | (LargeSize - 1)) + 1 : at + PageSize;
            long found = slot == null ? 0 : Atomic.LoadAcquire(slot);
            if ((found & PageTableEntry.PresentBit) != 0 && Atomic.CompareExchange(slot, found | PageTableEntry.ProtNoneBit, found) == found)
                marked++;
            at = next;
        }
        return marked;
    }

    /// <summary>Frees every table. Nobody walks any more.</summary>
    internal void Release() => Release(_root, Levels - 1);

    /// <summary>Puts a table of 512 entries in the place of a large one. Returns what stands there then: if it is another large one, only
    /// its accessed or dirty bit has come.</summary>
    private static long Split(long* slot, long large)
    {
        long* table = AllocateTable();
        for (int i = 0; i < Slots; i++)
            Atomic.StoreLocal(table + i, (large & ~PageTableEntry.LargeBit) + ((long)i << Pfn.PageShift));
        // ORDER(pte-1) interlocked: a table is initialised before a slot leads to it. Pairs with ORDER(pte-2).
        long found = Atomic.CompareExchange(slot, (long)table, large);
        if (found == large)
            return (long)table;
        NativeBlocks.Free(table);
        return found;
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
