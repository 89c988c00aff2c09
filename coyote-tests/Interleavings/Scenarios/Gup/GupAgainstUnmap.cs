using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A page of RAM is pinned without a lock while it is unmapped: either nothing is found, or the page is nobody
/// else's until the unpin.</summary>
internal sealed class GupAgainstUnmap : Scenario
{
    public override string Name => "gup-unmap";

    public override string Description => "A page of RAM is pinned the fast way, while its area is unmapped and the next page is allocated.";

    public override string Covers => "I53 I54";

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
        stage.Thread("owner", () =>
        {
            memory.Unmap(area);
            Page next = machine.Space.AllocatePage();
            stage.Check(next.Count == 1, "A fresh page is held by somebody else.");
            next.Put();
        });
        stage.Finally(() => stage.Check(machine.Space.AllocatedPages == 0, "A page is left."));
    }
}
