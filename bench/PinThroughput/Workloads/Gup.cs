using System.Globalization;
using System.Runtime.CompilerServices;
using Percpu.Pagemap;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Workloads;

internal sealed class GupWorkload : Workload
{
    private const string EntryName = "entry", Large = "2MiB", BatchName = "batch";

    internal override string Id => "gup";

    internal override string Operation => "pin and unpin one page of a mapped pmem disk, 512 at a time in entries of 4 KiB if nothing else is said";

    internal override string Yardstick => "fast";

    internal override string Floor => "walk-only";

    internal override IReadOnlyList<string> SubjectIds => ["fast", "slow", "interlocked-per-page", "walk-only"];

    internal override IReadOnlyList<string> OwnIds => ["fast", "slow"];

    internal override IReadOnlyList<IReadOnlyDictionary<string, string>> Variants =>
    [
        new Dictionary<string, string>(),
        new Dictionary<string, string> { [BatchName] = "16" },
        new Dictionary<string, string> { [BatchName] = "1" },
        new Dictionary<string, string> { [EntryName] = Large },
        new Dictionary<string, string> { [EntryName] = Large, [BatchName] = "16" },
        new Dictionary<string, string> { [EntryName] = Large, [BatchName] = "1" },
    ];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        int batch = parameters.TryGetValue(BatchName, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : PinnedRange.Pages;
        var range = new PinnedRange(parameters.GetValueOrDefault(EntryName) == Large);
        return new WorkloadInstance(
            [
                new GupSubject<FastBatch>("fast", range, batch),
                new GupSubject<SlowBatch>("slow", range, batch),
                new GupSubject<WalkBatch<InterlockedCount>>("interlocked-per-page", range, batch),
                new GupSubject<WalkBatch<NoCount>>("walk-only", range, batch),
            ],
            range);
    }
}

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

/// <summary>Pins and unpins a batch as one subject does it. Implemented by structs, so that the loop is compiled for each.</summary>
internal interface IBatch
{
    /// <summary>How many pages were pinned, and given back.</summary>
    static abstract int Run(AddressSpace memory, ulong address, Span<Page> pages);
}

/// <summary>The hot loop of every subject of <c>gup</c>: batch after batch over the range. One page is one operation.</summary>
internal sealed class BatchLoop<TBatch>(PinnedRange range, int batch) : ChunkLoop
    where TBatch : struct, IBatch
{
    private readonly Page[] _pages = new Page[batch];

    [MethodImpl(MethodImplOptions.NoInlining)]
    protected override long RunChunk(int chunk)
    {
        AddressSpace memory = range.Memory;
        ulong start = range.Start;
        Span<Page> pages = _pages;
        long pinned = 0;
        for (int page = 0; page < Operations; page += pages.Length)
            pinned += TBatch.Run(memory, start + ((ulong)(page & (PinnedRange.Pages - 1)) << Pfn.PageShift), pages);
        return pinned;
    }
}

/// <summary>The library's own: a walk without a lock, one count for a run.</summary>
internal readonly struct FastBatch : IBatch
{
    public static int Run(AddressSpace memory, ulong address, Span<Page> pages)
    {
        using PinnedPages pinned = memory.PinUserPages(address, pages);
        return pinned.Pages.Length;
    }
}

/// <summary>The library's own, page by page under the map lock.</summary>
internal readonly struct SlowBatch : IBatch
{
    public static int Run(AddressSpace memory, ulong address, Span<Page> pages)
    {
        int found = memory.GetUserPages(address, pages, GupFlags.Get);
        AddressSpace.PutPages(pages[..found]);
        return found;
    }
}

/// <summary>The walk of <see cref="FastBatch"/> made of its own parts, with what <typeparamref name="TCount"/> does to the pages in the place of pins.</summary>
internal readonly unsafe struct WalkBatch<TCount> : IBatch
    where TCount : struct, ICount
{
    public static int Run(AddressSpace memory, ulong address, Span<Page> pages)
    {
        int found = 0;
        while (found < pages.Length)
        {
            int count = FastWalk.BatchOf(address, pages.Length - found);
            int walked = Walk(memory, address, pages.Slice(found, count));
            found += walked;
            address += (ulong)walked << Pfn.PageShift;
            if (walked != count)
                break;
        }
        TCount.Put(pages[..found]);
        return found;
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // As the library's: a call a batch.
    private static int Walk(AddressSpace memory, ulong address, Span<Page> pages)
    {
        using EpochReader reader = memory.Table.Epoch.Enter();
        if (memory.IsDisposed || !RunScan.TryBegin(memory.Pages, address, GupFlags.Get, out RunScan scan))
            return 0;
        int found = 0;
        while (found < pages.Length && scan.TryNext(pages.Length - found, out EntryRun run))
        {
            long frame = RunPin.FramesOf(memory.Space.Frames, run.First, run.Count);
            if (frame == 0)
                break;
            TCount.Get((PageFrame*)frame, run.Count);
            Span<Page> walked = pages.Slice(found, run.Count);
            RunPin.Fill(walked, frame);
            scan.Pass(walked, GupFlags.Get);
            found += run.Count;
        }
        return found;
    }
}

/// <summary>What is done to the pages that a walk has found. Implemented by structs, so that the walk is compiled for each.</summary>
internal unsafe interface ICount
{
    /// <summary>Neighbouring frames.</summary>
    static abstract void Get(PageFrame* first, int count);

    static abstract void Put(ReadOnlySpan<Page> pages);
}

/// <summary>Nothing: what the walk alone costs.</summary>
internal readonly unsafe struct NoCount : ICount
{
    public static void Get(PageFrame* first, int count)
    {
    }

    public static void Put(ReadOnlySpan<Page> pages)
    {
    }
}

/// <summary>An interlocked count in every page, as where pages are counted one by one.</summary>
internal readonly unsafe struct InterlockedCount : ICount
{
    public static void Get(PageFrame* first, int count)
    {
        for (int i = 0; i < count; i++)
            Interlocked.Increment(ref first[i].Count);
    }

    public static void Put(ReadOnlySpan<Page> pages)
    {
        foreach (Page page in pages)
            Interlocked.Decrement(ref page.Frame->Count);
    }
}

/// <summary>2 MiB of a pmem disk mapped into an address space, in 512 entries or in one; every thread pins the same pages.</summary>
internal sealed class PinnedRange : IDisposable
{
    internal const int Pages = 512;
    private const ulong PageSize = 1UL << Pfn.PageShift;
    private const ulong DevicePages = 4 * Pages;

    private readonly Device _device;
    private readonly PmemDisk _disk;

    internal PinnedRange(bool large)
    {
        Space = new PhysicalSpace();
        var table = new PagemapTable(Space);
        _device = new Device(table, "pmem0");
        PhysicalRegion region = Space.AddDevice(new PfnRange(new Pfn(PagemapTable.PagesPerSection), DevicePages), "pmem0");
        _disk = (PmemDisk)PmemDriver.Bind(_device, new PmemNamespace(region, mapPages: true)).Disk;
        Memory = new AddressSpace(table);
        // An odd page more keeps virtual and physical addresses apart, so that no entry of 2 MiB fits.
        ulong where = (8 * Pages * PageSize) + (large ? 0 : PageSize);
        Area area = Memory.MapDax(_disk, 0, Pages * PageSize, address: where);
        Start = area.Start;
        if (Memory.GetUserPages(Start, new Page[Pages], GupFlags.None) != Pages || Memory.Lookup(Start).IsLarge != large)
            throw new CheckFailedException("The pages are not mapped as they should be.");
    }

    internal PhysicalSpace Space { get; }

    internal AddressSpace Memory { get; }

    internal ulong Start { get; }

    /// <summary>Whether nothing is pinned any more.</summary>
    internal bool IsBalanced()
    {
        _disk.Queue.MarkDying();
        return _disk.Queue.Usage.IsZero;
    }

    /// <summary>Whether every page's own count is what it was at first.</summary>
    internal bool AreCountsIdle()
    {
        for (ulong i = 0; i < Pages; i++)
        {
            if (Space.PfnToPage(new Pfn(PagemapTable.PagesPerSection + i)).Count != 1)
                return false;
        }
        return true;
    }

    public void Dispose()
    {
        Memory.Dispose();
        if (!_disk.Queue.IsDying || _disk.Queue.Usage.IsZero)
            _device.Remove(); // Else a pin is left, and it would wait for ever.
        Space.Dispose();
    }
}
