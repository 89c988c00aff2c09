using Percpu.Memory;

namespace Percpu;

// What the process can tell of its references: figures for the meter, and those that were dropped too early.
public sealed unsafe partial class PercpuRef : ISlotOwner
{
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
    private static void WatchCollections() => CollectionWatch.Start(static () =>
    {
        StripeSet stripes = PerProcess.Stripes;
        stripes.References.SweepInSteps(RefBalance.Instance);
        stripes.ReferenceLines.SweepInSteps(RefBalance.Instance);
    });
}
