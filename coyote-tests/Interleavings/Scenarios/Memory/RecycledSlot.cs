using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;
using Percpu.Memory;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A reference on a slot whose stripes an earlier one left unequal counts as exactly as a fresh one.</summary>
internal sealed class RecycledSlot : Scenario
{
    public override string Name => "recycled-slot";

    public override string Description => "A reference on the slot of a dead one, whose stripes do not sum to zero, is visited and killed.";

    public override string Covers => "I7 I10 I25 I26 I75";

    /// <summary>The earlier reference was released, and its words tell the sum; it was dropped while others of its run live, and the
    /// run is scanned; or with all of the run, which is zeroed.</summary>
    public override int Variants => 3;

    public override void Arrange(Stage stage)
    {
        bool released = stage.Variant == 0, alone = stage.Variant == 2;
        var first = new PercpuRef();
        long number = first.Number, place = StripeLayout.PlaceOf(number);
        ModelThread? reader = null;
        CheckedRef? subject = null;
        reader = stage.Thread("reader", () => subject!.Visit());
        stage.Thread("killer", () => subject!.Kill());
        Execution.RunAs(reader, () => first.GetMany(5));
        if (released)
        {
            first.Kill();
            first.PutMany(5);
        }
        stage.Collector.LetGo(first);
        for (int i = 1; i < SlotRun.Slots; i++)
        {
            var other = new PercpuRef(); // Only when all slots are taken does the pool look for free ones.
            if (alone)
                stage.Collector.LetGo(other);
        }
        subject = new CheckedRef(stage);
        stage.Check(subject.Reference.Number == number, "The scenario is pointless: another slot.");
        stage.Check(PerProcess.Stripes.Sum(place) != 0 || alone, "The scenario is pointless: the earlier reference left nothing behind.");
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
