using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;
using Percpu.Memory;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A reference on an offset whose stripes an earlier one left unequal counts as exactly as a fresh one.</summary>
internal sealed unsafe class RecycledOffset : Scenario
{
    internal override string Name => "recycled-offset";

    internal override string Description => "A reference on the offset of a dead one, whose stripes do not sum to zero, is visited and killed.";

    internal override string Covers => "I7 I10 I25 I26";

    internal override void Arrange(Stage stage)
    {
        var first = new PercpuRef();
        long offset = WordNames.ReferenceFields.Offset(first);
        ModelThread? reader = null;
        CheckedRef? subject = null;
        reader = stage.Thread("reader", () => subject!.Visit());
        stage.Thread("killer", () => subject!.Kill());
        Execution.RunAs(reader, () => first.GetMany(5));
        first.Kill();
        Execution.RunAs(reader, () => first.PutMany(5));
        stage.Collector.LetGo(first);
        for (int i = 1; i < Slab.Slots; i++)
            stage.Collector.LetGo(new PercpuRef()); // Only when all slots are taken does the pool look for free ones.
        subject = new CheckedRef(stage);
        stage.Check(WordNames.ReferenceFields.Offset(subject.Reference) == offset, "The scenario is pointless: another offset.");
        stage.Check(PerProcess.Stripes.Sum(offset, mode: (long*)1) != 0, "The scenario is pointless: the earlier reference left nothing behind.");
        stage.Finally(() => subject.MustHaveBeenReleased());
    }
}
