using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A part of an address space is discarded while all of it is disposed: the discard comes first or is refused,
/// and never walks tables that are gone.</summary>
internal sealed class DiscardAgainstDispose : Scenario
{
    public override string Name => "discard-dispose";

    public override string Description => "A mapped page is discarded while its address space is disposed.";

    public override string Covers => "I53 I54";

    public override void Arrange(Stage stage)
    {
        var machine = new Machine(stage);
        machine.AddRam();
        var memory = new AddressSpace(machine.Table);
        Area area = memory.MapAnonymous(1 << Pfn.PageShift, AreaAccess.ReadWrite, 5 << Pfn.PageShift);
        stage.Check(memory.GetUserPages(area.Start, new Page[1], GupFlags.Write) == 1, "The page cannot be mapped.");
        stage.Thread("user", () =>
        {
            try
            {
                memory.Discard(area.Start, area.Length);
            }
            catch (ObjectDisposedException)
            {
                // The other one was faster.
            }
        });
        stage.Thread("owner", memory.Dispose);
        stage.Finally(() => stage.Check(machine.Space.AllocatedPages == 0, "A page is left."));
    }
}
