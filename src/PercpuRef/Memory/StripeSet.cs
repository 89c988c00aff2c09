namespace Percpu.Memory;

/// <summary>
/// One private area per thread, in which every reference count and every epoch reader has 8 bytes at the same place.
/// Only its thread writes an area; anybody may sum one place over all of them.
/// </summary>
/// <remarks>
/// Areas live as long as the process, or the load context of this assembly: whoever ends that calls <see cref="Release"/>, when
/// no code of the assembly can run any more. An ended thread's area keeps its counts and goes to the next new thread; see
/// <see cref="ThreadIndexes"/>.
/// </remarks>
internal sealed unsafe partial class StripeSet
{
    private readonly Pinned<long> _lock = new();
    private readonly StripeBanks _banks = new(PerProcess.CommitsByPage);
    private readonly StripeBanks _counts; // Where references count: the banks of the threads, or with stripes per CPU those of the processors.
    private readonly ThreadIndexes _threads = new();
    private readonly List<int> _readerRuns = [];

    internal StripeSet(StripeKind kind)
    {
        Kind = kind;
        Atomic.ProcessWideFence(); // Its first use in a process with many threads can stall: have it now.
        _counts = Kind == StripeKind.Cpu ? CreateProcessorAreas() : _banks;
        References = new SlotPool(this, SlotKind.Count);
        ReferenceLines = new SlotPool(this, SlotKind.CountLine);
        Domains = new SlotPool(this, SlotKind.Readers);
    }

    /// <summary>Whether threads or processors own the stripes in which references count. Hazard pointers and the words of epoch readers
    /// belong to threads in either case.</summary>
    internal StripeKind Kind { get; }

    /// <summary>Words and stripes for references that may share a line.</summary>
    internal SlotPool References { get; }

    /// <summary>For references with a line of their own.</summary>
    internal SlotPool ReferenceLines { get; }

    /// <summary>Words and stripes for epoch domains.</summary>
    internal SlotPool Domains { get; }

    /// <summary>How many areas there are: the most threads that counted at one time.</summary>
    internal int AreaCount => _banks.Count;

    /// <summary>The areas of threads, for a walk over what they have announced.</summary>
    internal AreaWalk Threads => _banks.Walk();

    /// <summary>Gives this thread an area and a hazard line: those of an ended thread, else new ones. False when there is no memory.</summary>
    internal bool TryAttachThread()
    {
        using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
        try
        {
            int index = AdoptArea();
            if (index < 0)
                index = CreateArea();
            if (index < 0)
                return false;
            PerThread.Hazards = _banks.HazardsAt(index);
            long* mark = Hazard.OfMark(PerThread.Hazards);
            if (Atomic.LoadLocal(mark) != 0)
                Atomic.StoreLocal(mark, 0); // The ended thread's.
            PerThread.ReaderArea = _banks.AreaAt(index) | StripeLayout.Flag;
            if (Kind == StripeKind.Thread)
                PerThread.Area = PerThread.ReaderArea;
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    /// <summary>Takes an unused run and puts memory behind it in every area. Throws OutOfMemoryException.</summary>
    internal int TakeRun(SlotKind kind)
    {
        using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
        _readerRuns.EnsureCapacity(_readerRuns.Count + 1);
        if (kind != SlotKind.Readers)
            return _counts.TakeRun();
        int run = _banks.TakeRun();
        _readerRuns.Add(run);
        return run;
    }

    /// <summary>
    /// Whether the owner of an area can still run. If not, its epoch word at a place is cleared: an ended thread is
    /// inside no reader.
    /// </summary>
    internal bool CheckReader(int index, long place, out ThreadIdentity owner)
    {
        using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
        owner = _threads[index];
        if (owner.IsAlive)
            return true;
        Atomic.StoreRelease((long*)(_banks.AreaAt(index) + place), 0);
        return false;
    }

    internal int OwnerCount => _threads.Count;

    internal long* BankAddresses => _banks.Addresses;

    /// <summary>Who has the area of an index, and where the area and the hazard line lie: for reports, and for tests.</summary>
    internal ThreadIdentity OwnerOf(int index) => _threads[index];

    internal long AreaAt(int index) => _banks.AreaAt(index);

    internal long HazardsAt(int index) => _banks.HazardsAt(index);

    /// <summary>Gives all memory of the stripes, and all handles, back. Only when no code of the library can run any more, finalizers included.</summary>
    internal void Release()
    {
        References.Release();
        ReferenceLines.Release();
        Domains.Release();
        _banks.Release();
        if (_counts != _banks)
            _counts.Release();
    }

    /// <summary>An area for each processor. One for which there is no memory has none, and whoever runs there uses the shared counts.</summary>
    private static StripeBanks CreateProcessorAreas()
    {
        var banks = new StripeBanks(PerProcess.CommitsByPage);
        for (int i = 0; i < PerCpu.Count && banks.TryAdd(); i++)
            PerCpu.SetArea(i, banks.AreaAt(i) | StripeLayout.Flag);
        return banks;
    }

    private int AdoptArea()
    {
        int index = _threads.FindEnded();
        if (index < 0)
            return -1;
        // ORDER(adopt-1) process-wide fence, after the owner was seen ended: whatever that thread stored last is
        // in memory before the new owner adds to it.
        Atomic.ProcessWideFence();
        ClearReaders(_banks.AreaAt(index));
        _threads.GiveToCurrent(index);
        return index;
    }

    private void ClearReaders(long area)
    {
        foreach (int run in _readerRuns)
        {
            long first = area + StripeLayout.BytesOf(run);
            for (long word = first; word < first + StripeLayout.RunSlots * sizeof(long); word += sizeof(long))
                ClearWord((long*)word);
        }
    }

    private static void ClearWord(long* word)
    {
        if (Atomic.LoadAcquire(word) != 0)
            Atomic.StoreRelease(word, 0);
    }

    private int CreateArea()
    {
        _threads.EnsureRoom();
        if (!_banks.TryAdd())
            return -1;
        _threads.AddCurrent();
        return _threads.Count - 1;
    }
}
