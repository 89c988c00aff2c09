using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Frames hold a reference by a pin, whose end looks at the mode only once, while others change that.</summary>
[Sizes(1, 2)]
internal sealed class RefPinAgainstKill(int readers) : Scenario
{
    public override string Name => $"ref-pin-kill-{readers}";

    public override string Description => $"{readers} thread(s) hold a reference for a frame, the first with its thread at hand, while another kills, perhaps takes it back, or switches to and fro before.";

    public override string Covers => "I7 I10 I17 I62";

    /// <summary>0: a kill; 1: a kill, taken back if that can be, and another; 2: to atomic mode and back, then a kill.</summary>
    public override int Variants => readers == 1 ? 3 : 1;

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage, stage.Variant == 0 ? PercpuRefOptions.None : PercpuRefOptions.AllowReinit);
        for (int i = 1; i <= readers; i++)
        {
            bool first = i == 1;
            stage.Thread($"reader {i}", () =>
            {
                if (!subject.TryPin(first, out PercpuPin pin))
                    return;
                subject.Use();
                pin.Dispose();
                pin.Dispose();
            });
        }
        stage.Thread("killer", () =>
        {
            if (stage.Variant == 2)
            {
                subject.Reference.SwitchToAtomic();
                subject.Reference.SwitchToPercpu();
            }
            subject.Kill();
            if (stage.Variant == 1 && subject.TryResurrect())
                subject.Kill();
        });
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
