using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>The areas of an address space, by address. Looked through without a lock; changed under the map lock, for writing.</summary>
internal sealed class AreaList
{
    private const ulong FirstAddress = PageTable.LargeSize; // Nothing is put at 0 unless asked for.

    private Area[] _areas = []; // Sorted; replaced whole.

    /// <summary>Those of this moment.</summary>
    internal Area[] All => Atomic.LoadReference(ref _areas);

    /// <summary>The area of an address, or null.</summary>
    internal Area? Find(ulong address)
    {
        Area[] areas = All;
        int low = 0;
        for (int high = areas.Length; low < high;)
        {
            int middle = (low + high) >> 1;
            if (areas[middle].Start <= address)
                low = middle + 1;
            else
                high = middle;
        }
        return low > 0 && areas[low - 1].Contains(address) ? areas[low - 1] : null;
    }

    /// <summary>The area of an address, or else the next one behind it; null if there is none.</summary>
    /// <remarks>Kernel: <c>find_vma</c>.</remarks>
    internal Area? Next(ulong address) => Array.Find(All, each => each.End > address);

    internal bool Contains(Area area) => Array.IndexOf(All, area) >= 0;

    /// <summary>The lowest free addresses that lie to 2 MiB as the memory does, so that large entries fit.</summary>
    /// <exception cref="InsufficientMemoryException">There are none.</exception>
    internal ulong FindFree(ulong length, ulong physical)
    {
        ulong within = length >= PageTable.LargeSize ? physical & (PageTable.LargeSize - 1) : 0;
        ulong align = length >= PageTable.LargeSize ? PageTable.LargeSize : PageTable.PageSize;
        ulong start = FirstAddress + within;
        foreach (Area area in All)
        {
            if (area.Start >= start && area.Start - start >= length)
                break;
            start = Math.Max(start, ((area.End - within + align - 1) & ~(align - 1)) + within);
        }
        return start <= (1UL << PageTable.AddressBits) - length
            ? start
            : throw new InsufficientMemoryException($"No {length} free addresses.");
    }

    /// <exception cref="RangeBusyException">An area is in the way.</exception>
    internal void CheckFree(ulong start, ulong length)
    {
        if (Array.Find(All, each => each.Start < start + length && start < each.End) is { } other)
            throw new RangeBusyException($"Addresses 0x{start:x}+0x{length:x} meet the area 0x{other.Start:x}+0x{other.Length:x}.");
    }

    /// <summary>What <see cref="Replace"/> takes to add an area: all memory for it is asked for here.</summary>
    internal Area[] With(Area area)
    {
        Area[] areas = [.. All, area];
        Array.Sort(areas, static (a, b) => a.Start.CompareTo(b.Start));
        return areas;
    }

    /// <summary>What <see cref="Replace"/> takes to remove an area.</summary>
    internal Area[] Without(Area area) => Array.FindAll(All, each => each != area);

    /// <summary>Puts other areas in the place of all.</summary>
    /// <returns>Those that were there.</returns>
    internal Area[] Replace(Area[] areas) => Atomic.ExchangeReference(ref _areas, areas);
}
