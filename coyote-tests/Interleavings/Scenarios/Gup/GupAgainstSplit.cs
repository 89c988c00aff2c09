using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>One page of a large entry is discarded while its neighbours are pinned without a lock: they never seem to be gone.</summary>
internal sealed class GupAgainstSplit : Scenario
{
    public override string Name => "gup-split";

    public override string Description => "The first pages of a large entry are pinned the fast way, while another page of it is discarded.";

    public override string Covers => "I53 I54";

    public override int StepBound => 20_000; // A table has 512 entries.

    public override void Arrange(Stage stage)
    {
        var machine = new Machine(stage);
        PmemDevice pmem = machine.BindPmem(mapPages: true);
        var memory = new AddressSpace(machine.Table);
        const ulong size = 1 << Pfn.PageShift;
        Area area = memory.MapDax((PmemDisk)pmem.Disk, 0, PagemapTable.PagesPerSubsection * size, AreaAccess.Read);
        stage.Check(memory.GetUserPages(area.Start, new Page[1], GupFlags.None) == 1, "The pages cannot be mapped.");
        stage.Check(memory.Lookup(area.Start).IsLarge, "Not a large entry.");
        Page first = machine.Space.PfnToPage(Machine.Range.Start);
        stage.Thread("reader", () =>
        {
            var pages = new Page[2];
            int found = FastWalk.Pin(memory, area.Start, pages, GupFlags.Get, out _);
            stage.Check(found == 2 && pages[0] == first, $"{found} of two pages were found that were mapped all the time.");
            Machine.Touch(pmem.Region);
            AddressSpace.PutPages(pages);
        });
        stage.Thread("owner", () => memory.Discard(area.Start + 3 * size, size));
        stage.Finally(() =>
        {
            stage.Check(memory.Lookup(area.Start + 3 * size).IsNone, "The page is still mapped.");
            stage.Check(memory.Lookup(area.Start + 4 * size).Pfn.Value == Machine.Range.Start.Value + 4, "A neighbour is not mapped any more.");
        });
    }
}
