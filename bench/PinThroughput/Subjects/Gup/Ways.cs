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

/// <summary>The walk of <see cref="FastBatch"/>, with what <typeparamref name="TPin"/> does to the pages.</summary>
internal readonly struct WalkBatch<TPin> : IBatch
    where TPin : struct, IRunPin
{
    public static int Run(AddressSpace memory, ulong address, Span<Page> pages)
    {
        int found = memory.WalkFast<TPin>(address, pages, GupFlags.Get, out _);
        TPin.Unpin(pages[..found]);
        return found;
    }
}

/// <summary>Pins nothing: what the walk alone costs.</summary>
internal readonly struct NoPin : IRunPin
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PinDevice(AddressSpace space, Pfn first, int count, ref DevPagemap? held) => count;

    public static void PinRam(Page page)
    {
    }

    public static void Unpin(ReadOnlySpan<Page> pages)
    {
    }
}

/// <summary>An interlocked count in every page, as where pages are counted one by one.</summary>
internal readonly unsafe struct InterlockedPin : IRunPin
{
    public static int PinDevice(AddressSpace space, Pfn first, int count, ref DevPagemap? held)
    {
        PageFrame* frame = space.Space.PfnToPage(first).Frame;
        for (int i = 0; i < count; i++)
            Interlocked.Increment(ref frame[i].Count);
        return count;
    }

    public static void PinRam(Page page) => Interlocked.Increment(ref page.Frame->Count);

    public static void Unpin(ReadOnlySpan<Page> pages)
    {
        foreach (Page page in pages)
            Interlocked.Decrement(ref page.Frame->Count);
    }
}
