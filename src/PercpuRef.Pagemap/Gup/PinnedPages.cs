namespace Percpu.Pagemap;

/// <summary>Pages pinned together; disposing gives all back in one step. Belongs to one stack frame.</summary>
/// <remarks>Kernel: what <c>unpin_user_pages</c> takes.</remarks>
public ref struct PinnedPages
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
            AddressSpace.PutPages(pages);
        else if (pages.Length == 1)
            _map.Reference.Put();
        else
            _map.Reference.PutMany(pages.Length);
    }
}
