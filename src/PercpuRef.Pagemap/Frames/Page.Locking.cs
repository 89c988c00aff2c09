using Percpu.Memory;

namespace Percpu.Pagemap;

// The flags of a page, and its lock bit.
public readonly unsafe partial struct Page
{
    /// <summary>Locks the page if nobody has: for a driver that fills or moves it.</summary>
    /// <returns>False if it is locked.</returns>
    /// <remarks>Never waits. Belongs to no thread: another one may unlock. Kernel: <c>trylock_page</c>.</remarks>
    public bool TryLock() => (SetFlags(PageFlags.Locked) & PageFlags.Locked) == 0;

    /// <summary>Unlocks the page.</summary>
    /// <exception cref="InvalidOperationException">It is not locked.</exception>
    /// <remarks>Kernel: <c>unlock_page</c>.</remarks>
    public void Unlock()
    {
        if ((ClearFlags(PageFlags.Locked) & PageFlags.Locked) == 0)
            throw new InvalidOperationException("The page is not locked.");
    }

    /// <summary>Marks the page as written. Kernel: <c>set_page_dirty</c>.</summary>
    public void MarkDirty() => SetFlags(PageFlags.Dirty);

    /// <summary>Marks the page as used. Kernel: <c>mark_page_accessed</c>.</summary>
    public void MarkAccessed() => SetFlags(PageFlags.Accessed);

    /// <summary>Sets flags; returns those before. Writes only when one is missing, so marking twice shares the line.</summary>
    internal PageFlags SetFlags(PageFlags flags)
    {
        long* word = &Checked()->Flags;
        long found = Atomic.LoadAcquire(word);
        while ((found & (long)flags) != (long)flags)
        {
            long before = Atomic.CompareExchange(word, found | (long)flags, found);
            if (before == found)
                break;
            found = before;
        }
        return (PageFlags)found;
    }

    /// <summary>Clears flags; returns those before.</summary>
    internal PageFlags ClearFlags(PageFlags flags)
    {
        long* word = &Checked()->Flags;
        long found = Atomic.LoadAcquire(word);
        while ((found & (long)flags) != 0)
        {
            long before = Atomic.CompareExchange(word, found & ~(long)flags, found);
            if (before == found)
                break;
            found = before;
        }
        return (PageFlags)found;
    }
}
