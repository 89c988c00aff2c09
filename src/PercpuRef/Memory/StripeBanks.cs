using System.Runtime.CompilerServices;

namespace Percpu.Memory;

/// <summary>
/// The banks in which areas lie side by side: address space reserved once, with memory behind the runs in use. Areas are
/// numbered densely and never go away. Adding and growing happen under the lock of the <see cref="StripeSet"/>; anybody may walk.
/// </summary>
/// <remarks>Each bank is one mapping, or two: the part in use and the rest. Where the operating system charges for what it commits
/// (Windows), memory stands only behind the threads in use.</remarks>
internal sealed unsafe class StripeBanks
{
    /// <summary>More threads than an operating system runs.</summary>
    internal const int MaxBanks = 1024;

    /// <summary>Threads for which memory is committed at once where it is committed by page: 16 of each row.</summary>
    private const int Group = PerProcess.BankThreads < 64 ? PerProcess.BankThreads : 64;

    /// <summary>Runs that get memory ahead, at most: a bank's growth is a call of the operating system.</summary>
    private const int RunsAhead = 64;

    private const int Bases = 8; // The count has a line of its own.

    private readonly long[] _words = NativeBlocks.AllocatePinnedWords(Bases + MaxBanks);
    private readonly bool _byPage;
    private long _bankBytes; // 0 until the first bank.
    private int _runs;
    private int _committedRuns;

    internal StripeBanks(bool byPage) => _byPage = byPage;

    /// <summary>How many areas were published.</summary>
    // ORDER(area-2) acquire. Pairs with ORDER(area-1): an area that is counted is seen with its bank's address, and zeroed.
    internal int Count => (int)Atomic.LoadAcquire(CountWord);

    /// <summary>The addresses of the banks.</summary>
    internal long* Addresses => Pinned.Address(_words, Bases);

    private long* CountWord => Pinned.Address(_words, 0);

    /// <summary>All areas that were published before the call, bank by bank.</summary>
    internal AreaWalk Walk() => new(Addresses, Count);

    /// <summary>The address of an area: that of its bank plus its strides. Every place counts from here.</summary>
    internal long AreaAt(int index) => BankAt(index / PerProcess.BankThreads) + StripeLayout.PositionOf(index) * StripeLayout.Stride;

    /// <summary>The hazard line of the same index.</summary>
    internal long HazardsAt(int index) => BankAt(index / PerProcess.BankThreads) + StripeLayout.PositionOf(index) * StripeLayout.LineBytes;

    /// <summary>Adds an area, in a new bank if the last is full. False when there is no memory.</summary>
    internal bool TryAdd()
    {
        int count = (int)Atomic.LoadAcquire(CountWord), bank = count / PerProcess.BankThreads, thread = count % PerProcess.BankThreads;
        if (bank == MaxBanks)
            return false;
        if (thread == 0)
        {
            long address = CreateBank();
            if (address == 0)
                return false;
            Atomic.StoreRelease(Pinned.Address(_words, Bases + bank), address);
        }
        else if (thread % Group == 0 && _byPage && !TryCommit(BankAt(bank), 0, _committedRuns, thread + 1))
        {
            return false;
        }
        // ORDER(area-1) interlocked, before the thread's first store into the area, and after there is memory behind it. Pairs
        // with ORDER(area-2): a scan that follows a process-wide fence either finds the area or the area's first count comes
        // after the fence.
        Atomic.Exchange(CountWord, count + 1);
        return true;
    }

    /// <summary>Takes the next run and puts memory behind it in every bank. Throws OutOfMemoryException with nothing taken.</summary>
    internal int TakeRun()
    {
        long most = StripeLayout.SlotsOf(_bankBytes != 0 ? _bankBytes : PerProcess.BankSizes[0]);
        if ((_runs + 1L) * StripeLayout.RunSlots > most)
            throw new InsufficientMemoryException($"All {most} stripes of a thread are in use, and their references alive.");
        if (_runs == _committedRuns)
        {
            int more = _runs + Math.Clamp(_runs / 8, 8, RunsAhead);
            if (!TryGrow((int)Math.Min(more, most / StripeLayout.RunSlots)) && !TryGrow(_runs + 1))
                throw new InsufficientMemoryException($"No memory for 512 stripes more of {Count} threads, which have {_runs * (long)StripeLayout.RunSlots}.");
        }
        return _runs++;
    }

    /// <summary>Zeroes the words of a run whose slots nobody can reach. False where the operating system does not do it.</summary>
    internal bool TryZeroRun(int run)
    {
        for (int bank = 0; bank * PerProcess.BankThreads < Count; bank++)
        {
            if (!NativeBlocks.TryZero(BankAt(bank) + StripeLayout.BytesOf(run), StripeLayout.RunBytes))
                return false;
        }
        return true;
    }

    /// <summary>Gives all banks back. Only when no code of the library can run any more that has an area or looks for one.</summary>
    internal void Release()
    {
        int count = (int)Atomic.Exchange(CountWord, 0);
        for (int bank = 0; bank * PerProcess.BankThreads < count; bank++)
            NativeBlocks.Release(BankAt(bank), _bankBytes);
    }

    private long BankAt(int bank) => Atomic.LoadPublished(Pinned.Address(_words, Bases + bank));

    private long CreateBank()
    {
        if (_bankBytes != 0)
            return ReserveBank(_bankBytes);
        foreach (long bytes in PerProcess.BankSizes)
        {
            if (bytes < StripeLayout.BytesOf(_committedRuns))
                break;
            long bank = ReserveBank(bytes);
            if (bank == 0)
                continue;
            _bankBytes = bytes;
            return bank;
        }
        return 0;
    }

    private long ReserveBank(long bytes)
    {
        long bank = NativeBlocks.Reserve(bytes);
        if (bank == 0)
            return 0;
        // Else the first thread of a bank would be given two megabytes where it wants a page.
        NativeBlocks.AvoidHugePages(bank, bytes);
        if (bank > StripeLayout.LowestBank && TryCommit(bank, 0, _committedRuns, 1))
            return bank;
        NativeBlocks.Release(bank, bytes);
        return 0;
    }

    /// <summary>Commits runs in all banks. Committing twice is harmless, so a failure half-way needs no undoing.</summary>
    private bool TryGrow(int runs)
    {
        int count = Count;
        for (int bank = 0; bank * PerProcess.BankThreads < count; bank++)
        {
            if (!TryCommit(BankAt(bank), _committedRuns, runs, Math.Min(count - bank * PerProcess.BankThreads, PerProcess.BankThreads)))
                return false;
        }
        _committedRuns = runs;
        return true;
    }

    private bool TryCommit(long bank, int first, int end, int threads)
    {
        if (!_byPage)
            return NativeBlocks.Commit(bank, StripeLayout.BytesOf(end));
        if (!NativeBlocks.Commit(bank, StripeLayout.HazardBytes))
            return false;
        long bytes = (threads + Group - 1) / Group * (Group / StripeLayout.Rows) * StripeLayout.Stride;
        for (int run = first; run < end; run++)
        {
            for (int row = 0; row < StripeLayout.Rows; row++)
            {
                if (!NativeBlocks.Commit(bank + StripeLayout.BytesOf(run) + row * StripeLayout.RowThreads * StripeLayout.Stride, bytes))
                    return false;
            }
        }
        return true;
    }
}
