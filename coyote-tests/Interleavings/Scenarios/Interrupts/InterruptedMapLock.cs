using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>The lock of an address space: who reads waits for who unmaps, and the other way round.</summary>
[Sizes(0, 1)]
internal sealed class InterruptedMapLock(int writes) : InterruptedWait(
    writes == 0 ? "map-lock-read" : "map-lock-write", writes == 0 ? "reads an address space that another thread changes" : "changes an address space that another thread reads", mayEnd: false)
{
    public override void Arrange(Stage stage)
    {
        var machine = new Machine(stage);
        machine.AddRam();
        var memory = new AddressSpace(machine.Table);
        Area area = memory.MapAnonymous(1 << Pfn.PageShift, AreaAccess.ReadWrite, 5 << Pfn.PageShift);
        Action read = () => memory.MarkNumaHints(area.Start, 1 << Pfn.PageShift);
        Action write = () => memory.MapAnonymous(1 << Pfn.PageShift, AreaAccess.ReadWrite, 7 << Pfn.PageShift);
        stage.Thread("other", writes == 0 ? write : read);
        AddWaiter(stage, writes == 0 ? read : write);
        stage.Finally(() => stage.Check(memory.FindArea(7 << Pfn.PageShift) is not null, "The area is not there at the end."));
    }
}
