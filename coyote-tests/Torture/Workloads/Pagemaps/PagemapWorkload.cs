using System.Runtime.CompilerServices;
using Percpu.Memory;
using Percpu.Pagemap;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Pagemaps;

/// <summary>
/// Device maps plugged in, killed, drained and removed, in the kernel's order, under lookups and cached gets. A device's
/// memory is poisoned once its reference is released.
/// </summary>
internal sealed unsafe class PagemapWorkload(Stage stage) : Workload(stage)
{
    // Neighbours in one leaf, neighbours at a leaf's edge, and some so far away that the tree grows and shrinks.
    private static readonly ulong[] Sections = [1, 2, 3, 510, 512, 514, 1UL << 18, (1UL << 27) + 5, (1UL << 36) + 9, (1UL << 37) - 3];

    private readonly DeviceSlot[] _slots = new DeviceSlot[Sections.Length];

    internal override IReadOnlyList<Tallied> Evidence =>
    [
        Tallied.Lookups, Tallied.LookupsMissed, Tallied.CachedGets, Tallied.CachedGetsWhileDying, Tallied.Registrations,
        Tallied.Unregistrations, Tallied.BusyRanges, Tallied.KillsThatOverlappedGets, Tallied.WonWhileKilling,
    ];

    internal PagemapTable Table { get; } = new(new EpochDomain());

    internal DeviceSlot Pick(Member member) => _slots[member.Random.Below(_slots.Length)];

    internal override void Start()
    {
        for (int i = 0; i < Sections.Length; i++)
        {
            // Every third device reaches over two sections, the others fill a part of one.
            ulong length = i % 3 == 2 ? PagemapTable.PagesPerSection : PagemapTable.PagesPerSubsection * 4;
            ulong start = Sections[i] * PagemapTable.PagesPerSection + (i % 3 == 2 ? PagemapTable.PagesPerSection / 2 : 0);
            _slots[i] = new DeviceSlot(i, new PfnRange(new Pfn(start), length));
        }
        Crew.Start("reader", Stage.Readers, new PagemapReaders(Stage, this).Run);
        var drivers = new PagemapDrivers(Stage, this);
        const int driverCount = 3;
        for (int i = 0; i < driverCount; i++)
        {
            int first = i;
            DeviceSlot[] mine = [.. _slots.Where(slot => slot.Index % driverCount == first)];
            Crew.Start("driver", 1, member => drivers.Run(member, mine));
        }
    }

    internal override void Finish(Member end)
    {
        foreach (DeviceSlot slot in _slots)
            Check(Table.GetDevPagemap(slot.Range.Start) is null, $"slot {slot.Index} is still found");
        Check(Atomic.LoadAcquire(SectionsOf(Table).Root) == 0, "the table has nodes though nothing is registered");
        Stage.Quarantine.Drain();
        Check(Block.Outstanding == 0, $"{Block.Outstanding} native blocks are outstanding");
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_sections")]
    private static extern ref readonly SectionTree SectionsOf(PagemapTable table);
}
