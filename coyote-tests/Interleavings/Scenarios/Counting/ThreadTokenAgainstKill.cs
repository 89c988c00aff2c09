using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Readers that give their thread pin, use and unpin while one thread kills.</summary>
[Sizes(1, 2)]
internal sealed unsafe class ThreadTokenAgainstKill(int readers) : Scenario
{
    public override string Name => $"token-kill-{readers}";

    public override string Description => $"{readers} reader(s) pin and unpin through an explicit thread while another thread kills.";

    public override string Covers => "I7 I10 I78";

    /// <summary>0: got and put with the thread; 1: got with the default value, which has no area, and put with the thread; 2: a pin of
    /// a stack frame with the thread; 3: one with the default value.</summary>
    public override int Variants => 4;

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage, announced: stage.Variant >= 2);
        for (int i = 1; i <= readers; i++)
        {
            stage.Thread($"reader {i}", () =>
            {
                PercpuThread current = PercpuThread.Current, thread = stage.Variant % 2 == 0 ? current : default;
                if (stage.Variant < 2)
                {
                    if (!subject.TryGetLive(thread))
                        return;
                    subject.Use();
                    subject.Reference.Put(current);
                    return;
                }
                if (!subject.TryBeginPin(thread, out long* hazard))
                    return;
                subject.Use();
                subject.EndPin(hazard);
            });
        }
        stage.Thread("killer", subject.Kill);
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
