using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A batch of a disk's pages is pinned, without a lock or with, while the disk's driver is unbound: the memory
/// stays until the unpin, and no entry is left.</summary>
[Sizes(0, 1)]
internal sealed class GupAgainstUnbind(int fast) : Scenario
{
    internal override string Name => fast != 0 ? "gup-unbind-fast" : "gup-unbind-slow";

    internal override string Description => $"Two mapped pages of a pmem disk are pinned the {(fast != 0 ? "fast" : "slow")} way, while its driver is unbound.";

    internal override string Covers => "I53 I54";

    internal override void Arrange(Stage stage)
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
            var pages = new Page[2];
            int found = 0;
            try
            {
                found = fast != 0
                    ? memory.WalkFast<RunPin>(area.Start, pages, GupFlags.Get, out _)
                    : memory.GetUserPages(area.Start, pages, GupFlags.Get);
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
