using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>Pages pinned together; disposing gives all back in one step. Belongs to one stack frame.</summary>
/// <remarks>Kernel: what <c>unpin_user_pages</c> takes.</remarks>
public unsafe ref struct PinnedPages
{
    private readonly DevPagemap? _map;
    private Span<Page> _pages;

    internal PinnedPages(Span<Page> pages, DevPagemap? map)
    {
        _pages = pages;
        _map = map;
    }

    /// <summary>The pages; none after disposal. The caller's own span: changing it changes what is given back.</summary>
    public readonly ReadOnlySpan<Page> Pages => _pages;

    /// <summary>Unpins. Disposing the same variable again does nothing.</summary>
    /// <remarks>Pins of one map that does not count its pages are one count. The last pin of a dying device runs its
    /// release callback.</remarks>
    public void Dispose()
    {
        Span<Page> pages = _pages;
        _pages = default;
        if (pages.IsEmpty)
            return;
        if (_map is null)
            Put(pages);
        else if (pages.Length == 1)
            _map.Reference.Put();
        else
            _map.Reference.PutMany(pages.Length);
    }

    /// <summary>Gives pages back one way or the other: what <see cref="AddressSpace.PutPages"/> says.</summary>
    internal static void Put(ReadOnlySpan<Page> pages)
    {
        var failures = default(Failures);
        for (int i = 0; i < pages.Length;)
        {
            Page page = pages[i++];
            if (page.IsNull)
                continue;
            if (page.Owner is not DevPagemap { CountsPages: false } map)
            {
                PutPage(page, ref failures);
                continue;
            }
            int first = i - 1;
            FrameMap frames = map.Table.Space!.Frames;
            var start = (ulong)frames.Locate(map.Range.Start.Value);
            ulong bytes = map.Range.Length << PageFrame.FrameShift;
            while (i < pages.Length && (ulong)pages[i].Frame - start < bytes)
                i++;
            PutRun(map.Reference, i - first, ref failures); // Last: the frames may vanish with it.
        }
        failures.ThrowIfAny();
    }

    // A callback's exception must not keep the pages behind it pinned.
    private static void PutPage(Page page, ref Failures failures)
    {
        try
        {
            page.Put();
        }
        catch (Exception exception)
        {
            failures.Add(exception);
        }
    }

    private static void PutRun(PercpuRef reference, int count, ref Failures failures)
    {
        try
        {
            reference.PutMany(count);
        }
        catch (Exception exception)
        {
            failures.Add(exception);
        }
    }
}
