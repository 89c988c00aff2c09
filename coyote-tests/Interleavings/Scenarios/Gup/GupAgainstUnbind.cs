using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A batch of a disk's pages is pinned, without a lock or with, while the disk's driver is unbound: the memory
/// stays until the unpin, and no entry is left.</summary>
[Sizes(0, 1, 2)]
internal sealed class GupAgainstUnbind(int way) : Scenario
{
    public override string Name => way switch { 0 => "gup-unbind-slow", 1 => "gup-unbind-fast", _ => "gup-unbind-one" };

    public override string Description => (way == 2 ? "One mapped page of a pmem disk is" : "Two mapped pages of a pmem disk are")
        + $" pinned the {(way == 0 ? "slow" : "fast")} way, while its driver is unbound.";

    public override string Covers => "I53 I54";

    public override void Arrange(Stage stage)
    {
        var machine = new Machine(stage);
        PmemDevice pmem = machine.BindPmem(mapPages: true);
        var memory = new AddressSpace(machine.Table);
        const ulong size = 1 << Pfn.PageShift;
        Area area = memory.MapDax((PmemDisk)pmem.Disk, 0, 2 * size, AreaAccess.Read, 5 * size);
        stage.Check(memory.GetUserPages(area.Start, new Page[2], GupFlags.None) == 2, "The pages cannot be mapped.");
        machine.Space.PfnToPage(Machine.Range.Start);
        stage.Thread("reader", () =>
        {
            var pages = new Page[way == 2 ? 1 : 2]; // A single one has a way of its own.
            int found = 0;
            try
            {
                found = way switch
                {
                    0 => memory.GetUserPages(area.Start, pages, GupFlags.Get),
                    1 => FastWalk.Pin(memory, area.Start, pages, GupFlags.Get, out _),
                    _ => memory.GetUserPagesFast(area.Start, pages, GupFlags.Get),
                };
            }
            catch (AccessFaultException exception)
            {
                stage.Check(exception.Fault == AccessFault.NotPresent, $"The fault is {exception.Fault}.");
            }
            if (found == 0)
                return;
            Machine.Touch(pmem.Region);
            stage.Check(pages[0].Count == 1, "A page was counted.");
            AddressSpace.PutPages(pages.AsSpan(0, found));
        });
        stage.Thread("owner", () => machine.Device.Unbind());
        stage.Finally(() =>
        {
            stage.Check(machine.Space.PfnToPage(Machine.Range.Start).IsNull, "The frames are still there at the end.");
            stage.Check(memory.Lookup(area.Start).IsNone, "An entry outlived the device.");
        });
    }
}
