using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Readers pin as stack frames do, announcing instead of counting, and end the pins in one order or the other,
/// while one thread kills.</summary>
[Sizes(1, 2)]
internal sealed unsafe class PinHereAgainstKill(int readers) : Scenario
{
    internal override string Name => $"pin-here-kill-{readers}";

    internal override string Description => $"{readers} thread(s) hold pins of a stack frame, the first one inside another, while another kills.";

    internal override string Covers => "I7 I10 I60";

    /// <summary>0: every reader has one pin; 1: the first has two and ends the outer one first; 2: the inner one.</summary>
    internal override int Variants => readers == 1 ? 3 : 2;

    internal override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage);
        for (int i = 1; i <= readers; i++)
        {
            bool twice = i == 1 && stage.Variant != 0;
            stage.Thread($"reader {i}", () =>
            {
                if (!subject.TryPinHere(out long* outer))
                    return;
                long* first = outer, last = outer;
                bool both = twice && subject.TryPinHere(out long* inner) && Set(stage.Variant == 1, inner, ref first, ref last);
                subject.Use();
                if (both)
                {
                    subject.EndPinHere(first);
                    subject.Use();
                }
                subject.EndPinHere(last);
            });
        }
        stage.Thread("killer", subject.Kill);
        stage.Finally(() => subject.MustHaveBeenReleased());
    }

    private static bool Set(bool outerFirst, long* inner, ref long* first, ref long* last)
    {
        if (outerFirst)
            last = inner;
        else
            first = inner;
        return true;
    }
}
