using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Gup;

/// <summary>Pins batches of pages in one of the ways.</summary>
internal sealed class GupSubject<TBatch>(string id, PinnedRange range, int batch) : Subject(id)
    where TBatch : struct, IBatch
{
    internal override Loop CreateLoop(int thread) => new BatchLoop<TBatch>(range, batch);

    internal override void CheckBalance()
    {
        Check(range.AreCountsIdle(), "a page's count is not idle.");
        Check(range.IsBalanced(), "pins are left.");
    }
}
