using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>The pages of RAM of a space: those never used yet are counted off range by range; freed ones stand in a
/// list linked through their frames.</summary>
/// <remarks>Kernel: the page allocator, as far as this needs one.</remarks>
internal sealed unsafe class RamPool : FrameOwner
{
    private readonly PhysicalSpace _space;
    private readonly Pinned<Words> _words = new();
    private readonly List<PfnRange> _fresh = []; // Under the lock.

    internal RamPool(PhysicalSpace space) => _space = space;

    internal override long IdleCount => 0;

    internal override PageFlags InitialFlags => PageFlags.None;

    internal override long InitialLru => 0;

    /// <summary>Pages handed out and not given back.</summary>
    internal long Used => Atomic.LoadAcquire(&Shared->Used);

    internal void Add(PfnRange range)
    {
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        _fresh.Add(range);
    }

    /// <summary>A page with a count of 1; its bytes are what they were. Null when there is none.</summary>
    internal Page TryAllocate(out bool fresh)
    {
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        var frame = (PageFrame*)Atomic.LoadLocal(&Shared->FreeList);
        fresh = frame == null;
        if (frame != null)
        {
            Atomic.StoreLocal(&Shared->FreeList, Atomic.LoadLocal(&frame->Lru));
        }
        else
        {
            if (_fresh is not [.., var range])
                return default;
            frame = _space.Frames.Find(range.Start.Value);
            if (range.Length == 1)
                _fresh.RemoveAt(_fresh.Count - 1);
            else
                _fresh[^1] = new PfnRange(new Pfn(range.Start.Value + 1), range.Length - 1);
        }
        Atomic.AddLocal(&Shared->Used, 1);
        Atomic.StoreLocal(&frame->Lru, 0);
        Atomic.StoreRelease(&frame->Flags, 0);
        Atomic.StoreRelease(&frame->Count, 1);
        return new Page(frame);
    }

    internal override void Hold(long count)
    {
    }

    internal override void Drop(long count)
    {
    }

    internal override void PageIdle(Page page)
    {
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        Atomic.StoreLocal(&page.Frame->Lru, Atomic.LoadLocal(&Shared->FreeList));
        Atomic.StoreLocal(&Shared->FreeList, (long)page.Frame);
        Atomic.AddLocal(&Shared->Used, -1);
    }

    private Words* Shared => _words.Pointer;

    private struct Words
    {
        internal long Lock;
        internal long FreeList;
        internal long Used;
    }
}
