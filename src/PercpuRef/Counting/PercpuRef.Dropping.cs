using Percpu.Memory;

namespace Percpu;

// What the process can tell of its references: figures for the meter, and those that were dropped too early.
public sealed unsafe partial class PercpuRef : ISlotOwner
{
    private static readonly DropExaminer ExamineDropped = Examine;

    DropExaminer ISlotOwner.Examiner => ExamineDropped;

    long ISlotOwner.Tell(SlotFigure figure)
    {
        long flags = Atomic.LoadAcquire(&_words->Central) & (CountWord.Dead | CountWord.Released);
        return figure switch
        {
            SlotFigure.Live => flags == 0 ? 1 : 0,
            SlotFigure.Dying => flags == CountWord.Dead ? 1 : 0,
            _ => 0,
        };
    }

    /// <summary>Has dropped references found after each collection that may have let go of some.</summary>
    private static void WatchCollections() => CollectionWatch.Start(static () => PerProcess.Stripes.References.Sweep());

    // Nobody can reach the reference any more, and the collector has stopped every thread since somebody could: the sum is exact.
    private static DroppedOwner? Examine(Slot slot)
    {
        var words = (RefWords*)slot.Line;
        long central = Atomic.LoadAcquire(&words->Central);
        if ((central & CountWord.Released) != 0)
            return null;
        long sum = CountWord.FromCount(PerProcess.Stripes.Sum(slot.Offset, &words->Word));
        return new DroppedOwner((central & CountWord.Dead) != 0, CountWord.ToCount(CountWord.Count(central) + sum));
    }
}
