using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>The phase number wraps while a straggler is inside settle: its old phase must not be taken for the new one.</summary>
internal sealed unsafe class PhaseWrap : Scenario
{
    private const int Phases = 1 << 16;

    public override string Name => "phase-wrap";

    public override string Description => "A reader visits while another thread kills, resurrects into a phase that wraps to 0, and kills for good.";

    public override string Covers => "I10 I26";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage, PercpuRefOptions.AllowReinit);
        // As after 65,535 switches, which nobody wants to wait for: the last phase, in both words.
        RefWords* words = LibraryNames.ReferenceFields.Words(subject.Reference);
        words->Central |= (Phases - 1L) << 2;
        words->Bound |= (Phases - 1L) << 2;
        int lives = 1;
        stage.Thread("reader", () => subject.Visit());
        stage.Thread("reviver", () =>
        {
            subject.Kill();
            if (!subject.TryResurrect())
            {
                subject.Reference.WaitForRelease(Timeout.InfiniteTimeSpan);
                lives++;
                subject.Reinit();
            }
            stage.Check(CountWord.Phase(words->Central) == 0, "The scenario is pointless: the phase did not wrap.");
            subject.Kill();
        });
        stage.Finally(() => subject.MustHaveBeenReleased(lives));
    }
}
