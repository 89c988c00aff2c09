using Percpu.Memory;

namespace Percpu.Buffers;

// Which thread has which cache.
public sealed unsafe partial class SlabPool
{
    private const int Looks = 256; // At owners of caches, going round, whoever wants one that has ended.

    private readonly List<SlabCache> _caches = []; // Under the lock.
    private int _nextLook; // Under the lock.

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
        using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
        ObjectDisposedException.ThrowIf(_disposed, this);
        ThreadMarks.Attach();
        // For callers that give their thread: they find the mark there. Without memory for the line they come here at each rent.
        if (PerThread.Hazards != 0 || PerProcess.Stripes.TryAttachThread())
            Atomic.StoreLocal(Hazard.OfMark(PerThread.Hazards), ThreadMark.Current);
        int slot = ThreadMarks.Slot(ThreadMark.Current);
        SlabCache[] caches = _bySlot;
        if (caches.Length <= slot)
        {
            int had = caches.Length;
            Array.Resize(ref caches, slot + slot / 2 + 4);
            Array.Fill(caches, Nobody, had, caches.Length - had);
            Atomic.ExchangeReference(ref _bySlot, caches);
        }
        SlabCache cache = AdoptCache() ?? CreateCache();
        cache.GiveTo(ThreadMark.Current, ThreadIdentity.Current);
        return caches[slot] = cache;
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
        for (int looks = Math.Min(_caches.Count, Looks); looks > 0; looks--)
        {
            if (NextToLookAt() is { } cache && cache.IsOrphan())
                return cache;
        }
        return null;
    }

    private SlabCache NextToLookAt()
    {
        _nextLook = _nextLook < _caches.Count ? _nextLook : 0;
        return _caches[_nextLook++];
    }
}
