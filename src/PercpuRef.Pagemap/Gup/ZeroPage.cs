using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>The page of zeros of an address space: what is read where nothing was written yet.</summary>
/// <remarks>Kernel: <c>ZERO_PAGE</c>, <c>is_zero_pfn</c>.</remarks>
internal sealed unsafe class ZeroPage
{
    private readonly PhysicalSpace _space;
    private readonly long* _lock;
    private Page _page; // Under the lock until it is set; held once by this.

    /// <param name="space">Where it is allocated, at the first need.</param>
    /// <param name="lockWord">A word that is 0 at first and lives as long as this.</param>
    internal ZeroPage(PhysicalSpace space, long* lockWord)
    {
        _space = space;
        _lock = lockWord;
    }

    /// <summary>Its number. Throws OutOfMemoryException.</summary>
    internal Pfn Ensure()
    {
        using (WordLock.EnterScope(_lock))
        {
            if (_page.IsNull)
                _page = _space.AllocatePage();
            return _space.PageToPfn(_page);
        }
    }

    internal bool Is(Pfn pfn) => !_page.IsNull && pfn == _space.PageToPfn(_page);

    /// <summary>No entry names it any more.</summary>
    internal void Release()
    {
        if (!_page.IsNull)
            _page.Put();
    }
}
