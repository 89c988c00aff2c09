using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>What was taken out of page tables, but walkers may still be looking at.</summary>
internal sealed unsafe class Cleared
{
    internal List<PageTableEntry> Entries { get; } = [];

    internal List<nint> Tables { get; } = [];

    internal bool IsEmpty => Entries.Count == 0 && Tables.Count == 0;

    internal void FreeTables()
    {
        foreach (nint table in Tables)
            NativeBlocks.Free((void*)table);
    }
}
