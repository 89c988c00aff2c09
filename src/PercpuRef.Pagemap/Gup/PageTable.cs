using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>Four levels of tables of 512 words, from a 48-bit address to an entry. Walked without a lock inside a read
/// section; changed word by word. A slot of the second level holds a table or an entry for 512 pages.</summary>
/// <remarks>Kernel: <c>pgd_t</c>, <c>pud_t</c>, <c>pmd_t</c>, <c>pte_t</c>.</remarks>
internal sealed unsafe partial class PageTable
{
    internal const int LevelBits = 9;
    internal const int Slots = 1 << LevelBits;
    internal const int LargeShift = Pfn.PageShift + LevelBits;
    internal const ulong PageSize = 1UL << Pfn.PageShift;
    internal const ulong LargeSize = 1UL << LargeShift;
    internal const int AddressBits = Pfn.PageShift + Levels * LevelBits;
    private const int Levels = 4;

    private readonly long* _root = AllocateTable();

    /// <summary>The word that maps an address: of a last-level table, or of the level above if it holds a large entry.
    /// Null where no table is. Inside a read section or under the map lock.</summary>
    internal long* Find(ulong address, out bool large)
    {
        large = false;
        long* slot = FindLarge(address);
        if (slot == null)
            return null;
        // ORDER(pte-2) acquire loads on the way down. Pairs with ORDER(pte-1): who sees a table or entry sees what it
        // leads to initialised.
        long word = Atomic.LoadAcquire(slot);
        if ((word & PageTableEntry.LargeBit) == 0)
            return word == 0 ? null : SlotOf((long*)word, address, 0);
        large = true;
        return slot;
    }

    /// <summary>The second-level word of an address; null where no table is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal long* FindLarge(ulong address)
    {
        long* table = (long*)Atomic.LoadAcquire(SlotOf(_root, address, 3)); // ORDER(pte-2)
        if (table == null)
            return null;
        table = (long*)Atomic.LoadAcquire(SlotOf(table, address, 2)); // ORDER(pte-2)
        return table == null ? null : SlotOf(table, address, 1);
    }

    /// <summary>What is mapped at an address.</summary>
    internal PageTableEntry Read(ulong address)
    {
        long* slot = Find(address, out _);
        return slot == null ? default : new PageTableEntry(Atomic.LoadAcquire(slot)); // ORDER(pte-2)
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long* SlotOf(long* table, ulong address, int level) =>
        table + ((address >> (Pfn.PageShift + level * LevelBits)) & (Slots - 1));
}
