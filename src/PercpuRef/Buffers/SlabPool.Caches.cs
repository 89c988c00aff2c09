using Percpu.Memory;

namespace Percpu.Buffers;

// Which thread has which cache.
public sealed unsafe partial class SlabPool
{
    private readonly List<SlabCache> _caches = []; // Under the lock.

    private SlabCache? CacheOfThread()
    {
        SlabCache[] caches = Atomic.LoadReference(ref _bySlot);
        int slot = ThreadMarks.Slot(ThreadMark.Current);
        // Often another's, of an ended thread of the same number.
        return slot < caches.Length && caches[slot].IsOf(ThreadMark.Current) ? caches[slot] : null;
    }

    /// <summary>This thread's cache, made at its first use of the pool: that of an ended thread, else a new one.</summary>
    private SlabCache AttachThread()
    {
        SwitchLock.Enter(LockWord);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ThreadMarks.Attach();
            int slot = ThreadMarks.Slot(ThreadMark.Current);
            SlabCache[] caches = _bySlot;
            if (caches.Length <= slot)
            {
                int had = caches.Length;
                Array.Resize(ref caches, slot + 4);
                Array.Fill(caches, Nobody, had, caches.Length - had);
                Atomic.ExchangeReference(ref _bySlot, caches);
            }
            SlabCache cache = AdoptCache() ?? CreateCache();
            cache.GiveTo(ThreadMark.Current, ThreadIdentity.Current);
            return caches[slot] = cache;
        }
        finally
        {
            SwitchLock.Exit(LockWord);
        }
    }

    private SlabCache CreateCache()
    {
        var cache = new SlabCache();
        _caches.Add(cache);
        return cache;
    }

    // Blocks that the ended thread rented and nobody has returned yet come home to the new one.
    private SlabCache? AdoptCache()
    {
        foreach (SlabCache cache in _caches)
        {
            if (cache.IsOrphan())
                return cache;
        }
        return null;
    }
}
