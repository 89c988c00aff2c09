namespace Percpu.Memory;

/// <summary>
/// One private area per thread, in which every reference count and every epoch reader has 8 bytes at the same
/// offset. Only its thread writes an area; anybody may sum one offset over all of them.
/// </summary>
/// <remarks>
/// Areas live as long as the process. An ended thread's area keeps its counts and goes to the next new thread, so
/// there are never more areas than threads lived at once. Areas lie above 2^31 and offsets below it, so that a
/// single comparison of <c>area + word</c> tells an address from "no area" and from "atomic mode".
/// </remarks>
internal sealed unsafe class StripeSet
{
    /// <summary>Address space of one area: room for 33 million offsets. Memory stands only behind what is used.</summary>
    internal const long ReservedBytes = 256L << 20;

    /// <summary>Addresses of stripes lie above this value; anything below is not one.</summary>
    internal const long NoStripe = int.MaxValue;

    /// <summary>Where in an area the hazard pointer of a visit lies; see <see cref="Hazard"/>.</summary>
    internal const long VisitHazard = 8;

    /// <summary>Where in an area the hazard pointer of a stack frame's pin lies.</summary>
    internal const long PinHazard = 16;

    /// <summary>The first line of an area: the address of the next one, and the thread's hazard pointers.</summary>
    private const long HeaderBytes = 64;

    private const long CommitBytes = 64 << 10;

    private readonly long[] _words = NativeBlocks.AllocatePinnedWords(16);
    private readonly List<Stripe> _stripes = [];
    private readonly List<(long First, long End)> _readerOffsets = [];
    private long _committed = CommitBytes;
    private long _used = HeaderBytes;

    internal StripeSet()
    {
        Atomic.ProcessWideFence(); // Its first use in a process with many threads can stall: have it now.
        References = new SlotPool(this, readers: false);
        Domains = new SlotPool(this, readers: true);
    }

    /// <summary>Words and offsets for reference counts.</summary>
    internal SlotPool References { get; }

    /// <summary>Words and offsets for epoch domains.</summary>
    internal SlotPool Domains { get; }

    /// <summary>How many areas there are: the most threads that counted at one time.</summary>
    internal int AreaCount
    {
        get
        {
            SwitchLock.Enter(LockWord);
            int count = _stripes.Count;
            SwitchLock.Exit(LockWord);
            return count;
        }
    }

    private long* Head => Pinned.Address(_words, 0);

    private long* LockWord => Pinned.Address(_words, 8);

    /// <summary>The sum over all areas: what is counted at an offset, and one for each hazard pointer to the mode word. Three
    /// acquire loads an area, of two lines; wraps.</summary>
    internal long Sum(long offset, long* mode)
    {
        long sum = 0;
        for (long area = FirstArea; area != 0; area = NextArea(area))
        {
            sum += Atomic.LoadAcquire((long*)(area + offset));
            sum += Atomic.LoadAcquire(Hazard.OfVisit(area)) == (long)mode ? 1 : 0;
            sum += Atomic.LoadAcquire(Hazard.OfPin(area)) == (long)mode ? 1 : 0;
        }
        return sum;
    }

    /// <summary>The newest area, or 0. With <see cref="NextArea"/> walks all that were published before the call.</summary>
    // ORDER(area-2) acquire. Pairs with ORDER(area-1): an area that is seen here is seen zeroed and linked.
    internal long FirstArea => Atomic.LoadAcquire(Head);

    internal static long NextArea(long area) => Atomic.LoadPublished((long*)area);

    /// <summary>Gives this thread an area: that of an ended thread, else a new one. False when there is no memory.</summary>
    internal bool TryAttachThread()
    {
        SwitchLock.Enter(LockWord);
        try
        {
            long area = AdoptArea();
            if (area == 0)
                area = CreateArea();
            PerThread.Area = area;
            return area != 0;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
        finally
        {
            SwitchLock.Exit(LockWord);
        }
    }

    /// <summary>Takes a run of unused offsets and puts memory behind them in every area. Throws OutOfMemoryException.</summary>
    internal long TakeOffsets(int count, bool readers)
    {
        SwitchLock.Enter(LockWord);
        try
        {
            long first = _used, end = first + count * sizeof(long);
            if (end > ReservedBytes)
                throw new InsufficientMemoryException($"All {ReservedBytes / sizeof(long)} stripe offsets of this process are in use.");
            long committed = (end + CommitBytes - 1) / CommitBytes * CommitBytes;
            if (committed > _committed)
            {
                foreach (Stripe stripe in _stripes)
                {
                    // Committing twice is harmless, so a failure half-way needs no undoing.
                    if (!NativeBlocks.Commit(stripe.Area, committed))
                        throw new InsufficientMemoryException($"No memory to grow {_stripes.Count} stripe areas to {committed} bytes.");
                }
            }
            if (readers)
                _readerOffsets.Add((first, end));
            _committed = Math.Max(_committed, committed);
            _used = end;
            return first;
        }
        finally
        {
            SwitchLock.Exit(LockWord);
        }
    }

    /// <summary>Zeroes an offset in every area. Only where no thread can reach the offset any more.</summary>
    internal void Clear(long offset)
    {
        for (long area = FirstArea; area != 0; area = NextArea(area))
            Atomic.StoreRelease((long*)(area + offset), 0);
    }

    /// <summary>
    /// Whether the owner of an area can still run. If not, its epoch word at an offset is cleared: an ended thread is
    /// inside no reader.
    /// </summary>
    internal bool CheckReader(long area, long offset, out ThreadIdentity owner)
    {
        SwitchLock.Enter(LockWord);
        try
        {
            owner = default;
            foreach (Stripe stripe in _stripes)
            {
                if (stripe.Area != area)
                    continue;
                owner = stripe.Owner;
                if (owner.IsAlive)
                    return true;
                Atomic.StoreRelease((long*)(area + offset), 0);
                return false;
            }
            return false;
        }
        finally
        {
            SwitchLock.Exit(LockWord);
        }
    }

    private long AdoptArea()
    {
        for (int i = 0; i < _stripes.Count; i++)
        {
            if (_stripes[i].Owner.IsAlive)
                continue;
            long area = _stripes[i].Area;
            // ORDER(adopt-1) process-wide fence, after the owner was seen ended: whatever that thread stored last is
            // in memory before the new owner adds to it.
            Atomic.ProcessWideFence();
            ClearReaders(area);
            _stripes[i] = new Stripe(area, ThreadIdentity.Current);
            return area;
        }
        return 0;
    }

    private void ClearReaders(long area)
    {
        foreach ((long first, long end) in _readerOffsets)
        {
            for (long offset = first; offset < end; offset += sizeof(long))
            {
                if (Atomic.LoadAcquire((long*)(area + offset)) != 0)
                    Atomic.StoreRelease((long*)(area + offset), 0);
            }
        }
    }

    private long CreateArea()
    {
        _stripes.EnsureCapacity(_stripes.Count + 1);
        ThreadIdentity owner = ThreadIdentity.Current;
        long area = NativeBlocks.Reserve(ReservedBytes);
        if (area == 0)
            return 0;
        if (area <= NoStripe || !NativeBlocks.Commit(area, _committed))
        {
            NativeBlocks.Release(area, ReservedBytes);
            return 0;
        }
        Atomic.StoreLocal((long*)area, Atomic.LoadAcquire(Head));
        _stripes.Add(new Stripe(area, owner));
        // ORDER(area-1) interlocked, before the thread's first store into the area. Pairs with ORDER(area-2): a scan
        // that follows a process-wide fence either finds the area or the area's first count comes after the fence.
        Atomic.Exchange(Head, area);
        return area;
    }

    private readonly record struct Stripe(long Area, ThreadIdentity Owner);
}
