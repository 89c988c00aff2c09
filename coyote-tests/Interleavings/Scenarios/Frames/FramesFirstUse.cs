using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Two threads ask for pages of a section that nobody has used: who sees a frame sees it initialised.</summary>
internal sealed class FramesFirstUse : Scenario
{
    public override string Name => "frames-first-use";

    public override string Description => "Two threads ask for the first pages of a section at once.";

    public override string Covers => "I47";

    public override long DefaultExecutions => 2_000;

    public override int StepBound => 20_000;

    public override void Arrange(Stage stage)
    {
        var machine = new Machine(stage);
        machine.AddDevice();
        var reference = stage.Named(new PercpuRef(), "mapping");
        DevPagemap map = machine.Device.DevmMemremapPages(Machine.Range, reference).Pagemap!;
        for (int i = 0; i < 2; i++)
        {
            Pfn pfn = new(Machine.Range.Start.Value + (ulong)i);
            stage.Thread($"reader {i + 1}", () =>
            {
                Page page = machine.Space.PfnToPage(pfn);
                stage.Check(!page.IsNull && ReferenceEquals(page.Owner, map) && page.Count == 1, "A frame that is not initialised.");
            });
        }
    }
}
