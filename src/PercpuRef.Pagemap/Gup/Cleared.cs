using System.Runtime.InteropServices;
using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>What was taken out of page tables, but walkers may still be looking at.</summary>
/// <remarks>All memory that it needs is asked for before anything is taken out: what is taken out could not be put back.</remarks>
internal unsafe struct Cleared
{
    private List<PageTableEntry>? _entries;
    private List<nint>? _tables;
    private int _expected, _expectedTables;

    /// <summary>Whether anything was taken out.</summary>
    internal bool Any { get; private set; }

    /// <summary>Makes room for entries that hold their page. Throws OutOfMemoryException.</summary>
    internal void Expect(int entries)
    {
        if (entries == 0)
            return;
        _expected += entries;
        (_entries ??= []).EnsureCapacity(_expected);
    }

    /// <summary>Makes room for tables, if there is memory for that. A table without room stays where it is, empty, for later areas.</summary>
    internal void ExpectTables(int tables)
    {
        try
        {
            if (tables > 0)
                (_tables ??= []).EnsureCapacity(_expectedTables + tables);
            _expectedTables += tables;
        }
        catch (OutOfMemoryException)
        {
        }
    }

    internal readonly bool HasRoomForTable => _tables is not null && _tables.Count < _tables.Capacity;

    internal void AddTable(long* table)
    {
        Any = true;
        _tables!.Add((nint)table);
    }

    internal void Add(PageTableEntry entry)
    {
        Any = true;
        if (entry.HoldsPage)
            _entries!.Add(entry);
    }

    /// <summary>Gives back what cleared entries held. No lock is held: a walker may be waiting for it.</summary>
    internal readonly void Drop(AddressSpace space)
    {
        if (!Any)
            return;
        // ORDER(unmap-2) grace period between clearing and dropping. Pairs with ORDER(enter-2) of a walk's read section.
        space.Table.Epoch.WaitForReaders();
        FreeTables();
        var failures = default(Failures);
        foreach (PageTableEntry entry in CollectionsMarshal.AsSpan(_entries))
        {
            try
            {
                space.Space.PfnToPage(entry.Pfn).Put();
            }
            catch (Exception exception)
            {
                failures.Add(exception); // A driver's free callback; the other pages must not be lost for it.
            }
        }
        failures.ThrowIfAny();
    }

    private readonly void FreeTables()
    {
        foreach (nint table in CollectionsMarshal.AsSpan(_tables)) // Of none without a list made for it: nothing may need memory here.
            NativeBlocks.Free((void*)table);
    }
}
