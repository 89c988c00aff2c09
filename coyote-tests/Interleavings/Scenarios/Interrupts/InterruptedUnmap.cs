using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Unmapping while a page is pinned without a lock: the page is given back once, not before the walk has ended.</summary>
internal sealed class InterruptedUnmap() : InterruptedWait("unmap", "unmaps an area of which a page is being pinned", mayEnd: false)
{
    public override void Arrange(Stage stage)
    {
        var machine = new Machine(stage);
        machine.AddRam();
        var memory = new AddressSpace(machine.Table);
        Area area = memory.MapAnonymous(1 << Pfn.PageShift, AreaAccess.ReadWrite, 5 << Pfn.PageShift);
        stage.Check(memory.GetUserPages(area.Start, new Page[1], GupFlags.Write) == 1, "The page cannot be mapped.");
        stage.Thread("reader", () =>
        {
            var pages = new Page[1];
            if (FastWalk.Pin(memory, area.Start, pages, GupFlags.Get, out _) != 0)
                AddressSpace.PutPages(pages);
        });
        AddWaiter(stage, () => memory.Unmap(area));
        stage.Finally(() => stage.Check(machine.Space.AllocatedPages == 0, "A page is left."));
    }
}
