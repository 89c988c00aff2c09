using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Percpu.Pagemap;

/// <summary>Pins a run of a device's pages: one count for all of it where the map allows that. Inside a walk's read section.</summary>
/// <remarks>Kernel: <c>__gup_device_huge</c>.</remarks>
internal static unsafe class RunPin
{
    /// <summary>Pins pages from the first on, and fills them in.</summary>
    /// <param name="space">Whose walk it is.</param>
    /// <param name="run">The run.</param>
    /// <param name="pages">As long as the run.</param>
    /// <param name="held">A map of which the batch holds a reference already, or null; set to the map of these pages.</param>
    /// <returns>How many were pinned: fewer where the map ends, 0 where none is live.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Pin(AddressSpace space, in EntryRun run, Span<Page> pages, ref DevPagemap? held)
    {
        // First the frames, which may not be there for want of room: what is pinned must be handed out.
        long frame = FramesOf(space.Space.Frames, run.First, run.Count);
        int count = frame == 0 ? 0 : Count(space, new Pfn(run.First), run.Count, ref held);
        Fill(pages[..count], frame);
        return count;
    }

    /// <summary>The first frame of a run, all of it initialised: a run lies in at most two sections. 0 if some are not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long FramesOf(FrameMap frames, ulong pfn, int count)
    {
        var frame = (long)frames.TryFind(pfn);
        ulong last = pfn + (ulong)count - 1;
        return ((pfn ^ last) >> FrameMap.SectionShift) == 0 || frames.TryFind(last) != null ? frame : 0;
    }

    /// <summary>Fills in neighbouring pages: their frames are neighbours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Fill(Span<Page> pages, long frame)
    {
        Span<long> words = MemoryMarshal.Cast<Page, long>(pages);
        for (int i = 0; i < words.Length; i++)
            words[i] = frame + ((long)i << PageFrame.FrameShift);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Count(AddressSpace space, Pfn first, int count, ref DevPagemap? held)
    {
        DevPagemap? map = held;
        // A map of which this batch holds a pin: a blind get, also while it is dying.
        bool blind = map is not null && map.Contains(first);
        if (!blind)
            map = space.Table.Peek(first);
        if (map is null)
            return 0;
        count = (int)Math.Min((ulong)count, map.EndPfn.Value - first.Value);
        if (blind)
            map.Reference.GetMany(count);
        else if (!map.Reference.TryGetLiveMany(count))
            return 0;
        if (map.CountsPages)
            CountPages(space, map, first, count);
        held = map;
        return count;
    }

    // The map is held; then each page; then the map is let go, for the pages hold it now.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CountPages(AddressSpace space, DevPagemap map, Pfn first, int count)
    {
        for (int i = 0; i < count; i++)
            space.Space.PfnToPage(new Pfn(first.Value + (ulong)i)).Get();
        map.Reference.PutMany(count);
    }
}
