using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>A page of a <see cref="PhysicalSpace"/>: the address of its frame. Valid while somebody holds the page or
/// its map; <c>default</c> is no page.</summary>
/// <remarks>Kernel: <c>struct page *</c>. Thread-safety: every member, from any thread.</remarks>
public readonly unsafe partial struct Page : IEquatable<Page>
{
    private readonly PageFrame* _frame;

    internal Page(PageFrame* frame) => _frame = frame;

    internal PageFrame* Frame => _frame;

    /// <summary>Whether this is no page.</summary>
    public bool IsNull => _frame == null;

    /// <summary>How many hold the page; 1 for an idle page of a device. Kernel: <c>page_count</c>.</summary>
    public long Count => Atomic.LoadAcquire(&Checked()->Count);

    /// <summary>State of the page.</summary>
    public PageFlags Flags => (PageFlags)Atomic.LoadAcquire(&Checked()->Flags);

    /// <summary>Who owns the page; null for one that belongs to nobody (any more).</summary>
    /// <remarks>Kernel: <c>page->pgmap</c>.</remarks>
    public FrameOwner? Owner => Atomic.LoadAcquire(&Checked()->Owner) is not 0 and var word ? FrameOwner.FromWord(word) : null;

    /// <summary>A word for the driver of the device; survives until the page is freed, and beyond if the driver leaves it.</summary>
    /// <remarks>Kernel: <c>hmm_devmem_page_get_drvdata</c>, <c>hmm_devmem_page_set_drvdata</c>.</remarks>
    /// <exception cref="InvalidOperationException">Set on a page that is not a device's.</exception>
    public long DriverData
    {
        get => Atomic.LoadAcquire(&Checked()->DriverData);
        set
        {
            if ((Flags & PageFlags.Device) == 0)
                throw new InvalidOperationException("Only a page of a device has driver data.");
            Atomic.StoreRelease(&_frame->DriverData, value);
        }
    }

    /// <summary>Holds the page once more, and its owner with it. The caller holds the page or its map already.</summary>
    /// <exception cref="InvalidOperationException">Nobody owns the page, or it is a free page of RAM.</exception>
    /// <remarks>Never blocks. Kernel: <c>get_page</c>, <c>get_zone_device_page</c>.</remarks>
    public void Get()
    {
        FrameOwner owner = OwnerOrThrow();
        if (Atomic.LoadAcquire(&_frame->Count) <= 0)
            throw new InvalidOperationException("A page that nobody holds was taken.");
        owner.Hold(1);
        Atomic.FetchAdd(&_frame->Count, 1);
    }

    /// <summary>Gives back one hold. When nobody holds the page any more, its owner frees it, on this thread.</summary>
    /// <exception cref="InvalidOperationException">One put too many. Nothing was changed.</exception>
    /// <remarks>An exception of the owner's free callback reaches the caller; the hold is given back all the same.
    /// Kernel: <c>put_page</c>, <c>put_zone_device_page</c>.</remarks>
    public void Put()
    {
        FrameOwner owner = OwnerOrThrow();
        long idle = owner.IdleCount;
        // ORDER(page-1) interlocked, a full fence: what a holder did with the page comes before the count that says so.
        // Pairs with itself: whoever brings the count to idle sees what every earlier holder did.
        long count = Atomic.FetchAdd(&_frame->Count, -1) - 1;
        if (count < idle)
        {
            Atomic.FetchAdd(&_frame->Count, 1);
            PercpuEventSource.Log.Misuse("A page was put once too often.");
            throw new InvalidOperationException("A page was put once too often.");
        }
        try
        {
            if (count == idle)
                owner.PageIdle(this);
        }
        finally
        {
            owner.Drop(1); // Last: the frame may vanish with it.
        }
    }

    /// <summary>Would put the page on a list of reclaimable pages.</summary>
    /// <exception cref="InvalidOperationException">The page's list slot is poisoned: it is a device's, and never reclaimed.</exception>
    /// <remarks>Kernel: <c>list_add(&amp;page->lru, ...)</c> after <c>list_force_poison</c>.</remarks>
    public void AddToLru()
    {
        if (Atomic.LoadAcquire(&Checked()->Lru) == PageFrame.ListPoison)
            throw new InvalidOperationException("The page's list slot is poisoned: a page of a device is never on a list.");
        SetFlags(PageFlags.OnLru);
    }

    /// <summary>Whether two values name the same page.</summary>
    public bool Equals(Page other) => _frame == other._frame;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Page other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ((nint)_frame).GetHashCode();

    /// <summary>Whether two values name the same page.</summary>
    public static bool operator ==(Page left, Page right) => left._frame == right._frame;

    /// <summary>Whether two values name different pages.</summary>
    public static bool operator !=(Page left, Page right) => left._frame != right._frame;

    private PageFrame* Checked() => _frame != null ? _frame : throw new InvalidOperationException("This is no page.");

    private FrameOwner OwnerOrThrow() => Owner ?? throw new InvalidOperationException("Nobody owns the page: its map is gone.");
}
