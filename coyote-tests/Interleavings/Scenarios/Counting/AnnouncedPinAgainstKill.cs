using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Readers pin as stack frames do, announcing instead of counting, and end the pins in one order or the other,
/// while one thread kills.</summary>
[Sizes(1, 2)]
internal sealed unsafe class AnnouncedPinAgainstKill(int readers) : Scenario
{
    public override string Name => $"pin-here-kill-{readers}";

    public override string Description => $"{readers} thread(s) hold pins of a stack frame, the first one inside another, while another kills.";

    public override string Covers => "I7 I10 I60";

    /// <summary>0: every reader has one pin; 1: the first has two and ends the outer one first; 2: the inner one.</summary>
    public override int Variants => readers == 1 ? 3 : 2;

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage, announced: true);
        for (int i = 1; i <= readers; i++)
        {
            bool twice = i == 1 && stage.Variant != 0;
            stage.Thread($"reader {i}", () =>
            {
                long* inner = null;
                if (!subject.TryBeginPin(out long* outer))
                    return;
                bool both = twice && subject.TryBeginPin(out inner);
                subject.Use();
                if (!both)
                {
                    subject.EndPin(outer);
                    return;
                }
                subject.EndPin(stage.Variant == 1 ? outer : inner);
                subject.Use();
                subject.EndPin(stage.Variant == 1 ? inner : outer);
            });
        }
        stage.Thread("killer", subject.Kill);
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
