using System.Runtime.CompilerServices;
using Percpu.Pagemap;

namespace Percpu.PinThroughput.Subjects.Gup;

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
