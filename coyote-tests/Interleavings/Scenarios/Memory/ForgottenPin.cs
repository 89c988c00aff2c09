using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;
using Percpu.Memory;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A pin that its thread forgot names a reference that is gone. Whoever comes to the slot counts exactly, while its
/// thread and a bystander pin another reference.</summary>
internal sealed unsafe class ForgottenPin : Scenario
{
    public override string Name => "forgotten-pin";

    public override string Description => "A reference is created on the slot of one whose pin was forgotten, while the thread that forgot it and a bystander pin another.";

    public override string Covers => "I10 I26 I60";

    /// <summary>Whether hazard pointers may hold the next reference on the slot: its scans read them, or do not.</summary>
    public override int Variants => 2;

    public override void Arrange(Stage stage)
    {
        bool announced = stage.Variant != 0;
        var other = new CheckedRef(stage, announced: true);
        var first = new PercpuRef(null, PercpuRefOptions.None, announced: true);
        long number = first.Number;
        var kept = new List<PercpuRef>();
        ModelThread reader = stage.Thread("reader", Pin);
        stage.Thread("bystander", Pin); // Its word is free.
        Execution.RunAs(reader, () => stage.Check(PercpuRef.TryBeginAnnouncedPin(first, first.Counted, PerThread.Hazards, out _), "The scenario is pointless: no pin."));
        stage.Collector.LetGo(first);
        for (int i = 2; i < SlotRun.Slots; i++)
            kept.Add(new PercpuRef(null, PercpuRefOptions.None, announced: true)); // Only when all slots are taken does the pool look for free ones.
        stage.Thread("owner", () =>
        {
            var next = new PercpuRef(null, announced ? PercpuRefOptions.None : PercpuRefOptions.AllowReinit, announced);
            stage.Check(next.Number == number, "The scenario is pointless: another slot.");
            next.Kill();
            stage.Check(next.IsZero, "Nobody holds it, and it was not released.");
        });
        stage.Finally(() =>
        {
            other.Kill();
            other.MustHaveBeenReleased();
            GC.KeepAlive(kept);
        });

        void Pin()
        {
            if (!other.TryBeginPin(out long* hazard))
                return;
            other.Use();
            other.EndPin(hazard);
        }
    }
}
