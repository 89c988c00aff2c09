using Percpu.Pagemap;

namespace Percpu.Torture.Workloads.Devices;

/// <summary>A pmem device that is bound and unbound, and the addresses at which its disk is mapped meanwhile.</summary>
internal sealed class DiskSlot(int index, PhysicalSpace space, PagemapTable table)
{
    internal const ulong Pages = 1024;

    private Plugged? _plugged;

    internal int Index { get; } = index;

    internal ulong Address { get; } = (ulong)(index + 1) << 32;

    internal Device Device { get; } = new(table, $"pmem{index}");

    internal PmemNamespace Namespace { get; } =
        new(space.AddDevice(new PfnRange(new Pfn((ulong)(index + 1) * PagemapTable.PagesPerSection), Pages), $"pmem{index}"), mapPages: true);

    /// <summary>What is bound and mapped at present, or was a moment ago; null in between.</summary>
    internal Plugged? Current
    {
        get => Volatile.Read(ref _plugged);
        set => Volatile.Write(ref _plugged, value);
    }

    /// <summary>What stands at the start of each page of the disk, for ever.</summary>
    internal long StampOf(ulong page) => ((0x5EED_0000L + Index) << 32) | (long)page;

    internal sealed record Plugged(PmemDisk Disk, Area Area);
}
