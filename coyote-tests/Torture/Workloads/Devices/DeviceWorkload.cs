using Percpu.Pagemap;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Devices;

/// <summary>Whole devices: disks that are bound, mapped, pinned, read and unbound, and memory that moves to a device and back.</summary>
internal sealed class DeviceWorkload : Workload
{
    internal const int MovingPages = 256;

    private const int Disks = 3;

    private readonly DiskSlot[] _slots;

    internal DeviceWorkload(Stage stage)
        : base(stage)
    {
        Table = new PagemapTable(Physical, new EpochDomain());
        Physical.AddRam(new PfnRange(new Pfn(0), 2048));
        Space = new AddressSpace(Table);
        Moving = Space.MapAnonymous(MovingPages << Pfn.PageShift);
        Accelerator = new Device(Table, "accelerator");
        _slots = [.. Enumerable.Range(0, Disks).Select(i => new DiskSlot(i, Physical, Table))];
    }

    internal override IReadOnlyList<Tallied> Evidence =>
    [
        Tallied.Binds, Tallied.Unbinds, Tallied.PagesPinned, Tallied.PinsRefused, Tallied.DiskReads, Tallied.KeptWrites,
        Tallied.PagesMovedOut, Tallied.PagesMovedBack, Tallied.MemoryRemovals,
    ];

    internal PhysicalSpace Physical { get; } = new(addressBits: 36);

    internal PagemapTable Table { get; }

    internal AddressSpace Space { get; }

    /// <summary>The pages that move; each is written by one reader only.</summary>
    internal Area Moving { get; }

    internal Device Accelerator { get; }

    internal DiskSlot Pick(Member member) => _slots[member.Random.Below(_slots.Length)];

    internal override void Start()
    {
        var readers = new DeviceReaders(Stage, this);
        int count = Stage.Readers;
        for (int i = 0; i < count; i++)
        {
            int ordinal = i;
            Crew.Start("reader", 1, member => readers.Run(member, ordinal, count));
        }
        var drivers = new DeviceDrivers(Stage, this);
        foreach (DiskSlot slot in _slots)
            Crew.Start("driver", 1, member => drivers.Run(member, slot));
        Crew.Start("mover", 1, new PageMover(Stage, this).Run);
    }

    internal override void Finish(Member end)
    {
        Space.Dispose();
        Check(Physical.AllocatedPages == 0, $"{Physical.AllocatedPages} pages of RAM leaked");
        foreach (DiskSlot slot in _slots)
            Check(Table.GetDevPagemap(slot.Namespace.Region.Range.Start) is null, $"disk {slot.Index} is still found");
        Accelerator.Remove();
        Physical.Dispose();
    }
}
