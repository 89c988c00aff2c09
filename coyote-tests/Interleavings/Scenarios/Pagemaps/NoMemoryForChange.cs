using Percpu.Buffers;
using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Each allocation of a registration and of an opening fails in turn: nothing is left half-done, and the same
/// call succeeds afterwards. A reader looks on.</summary>
internal sealed class NoMemoryForChange : Scenario
{
    private static readonly Pfn Far = new(512 * PagemapTable.PagesPerSection); // The table must grow by a level.

    public override string Name => "no-memory-for-change";

    public override string Description => "A page map is registered and a file mapped while one of their allocations fails, under a reader of the table.";

    public override string Covers => "I46 I63";

    /// <summary>The entry, two or three nodes, the mapping, and none.</summary>
    public override int Variants => 6;

    public override void Arrange(Stage stage)
    {
        var table = new PagemapTable(stage.Domain());
        PercpuRef near = stage.Named(new PercpuRef(), "near"), far = stage.Named(new PercpuRef(), "far");
        int blocks = stage.Execution.Heap.Outstanding;
        DevPagemap nearMap = table.Register(new PfnRange(new Pfn(0), PagemapTable.PagesPerSubsection), near);
        stage.Thread("reader", () =>
        {
            PagemapTable.PutDevPagemap(table.GetDevPagemap(Far));
            DevPagemap? found = table.GetDevPagemap(new Pfn(0));
            stage.Check(ReferenceEquals(found, nearMap), "A live map was not found.");
            PagemapTable.PutDevPagemap(found);
        });
        stage.Thread("owner", () =>
        {
            DevPagemap map = TwiceIfNeeded(() => table.Register(new PfnRange(Far, PagemapTable.PagesPerSubsection), far));
            far.Kill();
            far.WaitForRelease(Timeout.InfiniteTimeSpan);
            table.Unregister(map);
            MappedFile file = TwiceIfNeeded(() => MappedFile.Open("a file of the story"));
            GC.SuppressFinalize(file); // The finalizer's thread is not of the story.
            file.Dispose();
        });
        stage.Execution.FailingAllocation = stage.Variant + 1;
        stage.Finally(() =>
        {
            near.Kill();
            table.Unregister(nearMap); // A table that grew keeps its height until it is empty.
            stage.Check(stage.Execution.Heap.Outstanding == blocks, "Something leaked.");
        });
    }

    /// <summary>Runs what may fail for want of memory, once more if it did.</summary>
    private static T TwiceIfNeeded<T>(Func<T> change)
    {
        try
        {
            return change();
        }
        catch (OutOfMemoryException)
        {
            return change();
        }
    }
}
