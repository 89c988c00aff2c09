using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A small "physical" space with RAM, the range of a device behind it, its table, and a device to bind.</summary>
internal sealed class Machine
{
    private const ulong Pages = PagemapTable.PagesPerSubsection;

    private readonly Stage _stage;

    internal Machine(Stage stage)
    {
        _stage = stage;
        Space = stage.Named(new PhysicalSpace(addressBits: 30), "space");
        Table = new PagemapTable(Space, stage.Domain());
        Device = new Pagemap.Device(Table, "device");
    }

    internal PhysicalSpace Space { get; }

    internal PagemapTable Table { get; }

    internal Pagemap.Device Device { get; }

    internal static PfnRange Range { get; } = new(new Pfn(PagemapTable.PagesPerSection), Pages);

    internal PhysicalRegion AddRam() => Space.AddRam(new PfnRange(new Pfn(0), Pages));

    internal PhysicalRegion AddDevice() => Space.AddDevice(Range, "memory");

    /// <summary>Binds the device to its range as a raw namespace.</summary>
    internal PmemDevice BindPmem(bool mapPages)
    {
        PmemDevice pmem = PmemDriver.Bind(Device, new PmemNamespace(AddDevice(), mapPages, NamespaceMode.Raw));
        _stage.Named(pmem.Disk.Queue, "queue");
        _stage.Named(pmem.Disk.Queue.Usage, "usage");
        return pmem;
    }

    /// <summary>What a holder of a region does: it must still be mapped.</summary>
    internal static unsafe void Touch(PhysicalRegion region) => _ = region.Address;
}
