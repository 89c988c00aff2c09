using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Workloads;

/// <summary>What .NET itself does around every call that uses a handle.</summary>
internal sealed class SafeHandleSubject(bool timed = false) : PinSubject("safe-handle", timed)
{
    private readonly Handle _handle = new();

    internal override Loop CreateLoop(int thread) => LoopOf(new Pin(_handle));

    internal override void CheckBalance()
    {
        _handle.Dispose();
        Check(_handle.Releases == 1, "the handle was not released by its disposal: references are left.");
    }

    protected override void Free() => _handle.Dispose();

    private readonly struct Pin(Handle handle) : IPin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryTake()
        {
            bool taken = false;
            handle.DangerousAddRef(ref taken);
            return taken;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Drop() => handle.DangerousRelease();
    }

    private sealed class Handle : SafeHandle
    {
        internal Handle()
            : base(0, ownsHandle: true) => SetHandle(1);

        public override bool IsInvalid => false;

        internal int Releases { get; private set; }

        protected override bool ReleaseHandle()
        {
            Releases++;
            return true;
        }
    }
}

/// <summary>A read lock held while the memory is used; a kill would take the write lock.</summary>
internal sealed class RwLockSubject(bool timed = false) : PinSubject("rwlock-slim", timed)
{
    private readonly ReaderWriterLockSlim _lock = new();
    private readonly State _state = new();

    internal override Loop CreateLoop(int thread) => LoopOf(new Pin(_lock, _state));

    internal override void CheckBalance()
    {
        Check(_lock.TryEnterWriteLock(TimeSpan.FromSeconds(10)), $"{_lock.CurrentReadCount} read locks are left.");
        _state.Killed = true;
        _lock.ExitWriteLock();
    }

    protected override void Free() => _lock.Dispose();

    private readonly struct Pin(ReaderWriterLockSlim @lock, State state) : IPin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryTake()
        {
            @lock.EnterReadLock();
            if (!state.Killed)
                return true;
            @lock.ExitReadLock();
            return false;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Drop() => @lock.ExitReadLock();
    }

    private sealed class State
    {
        internal volatile bool Killed;
    }
}

/// <summary>A word for each processor, added to by <see cref="Interlocked"/>, because a thread may be moved between asking for
/// its processor and adding. A kill sets a flag and sums: every add is a full fence, so it needs no other.</summary>
internal sealed class StripedInterlockedSubject(bool timed = false) : PinSubject("striped-interlocked", timed)
{
    private const int LineLongs = 16;

    private readonly Counts _counts = new();

    internal override Loop CreateLoop(int thread) => LoopOf(new Pin(_counts));

    internal override void CheckBalance()
    {
        _counts.Killed = true;
        Check(_counts.Stripes.Sum() == 0, "the stripes do not add up to zero.");
    }

    private readonly struct Pin(Counts counts) : IPin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryTake()
        {
            Interlocked.Increment(ref counts.Mine());
            if (!counts.Killed)
                return true;
            Interlocked.Decrement(ref counts.Mine());
            return false;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Drop() => Interlocked.Decrement(ref counts.Mine());
    }

    private sealed class Counts
    {
        private readonly int _mask = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount) - 1;

        internal Counts() => Stripes = new long[(_mask + 2) * LineLongs];

        internal volatile bool Killed;

        internal long[] Stripes { get; }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal ref long Mine() => ref Stripes[((Thread.GetCurrentProcessorId() & _mask) + 1) * LineLongs];
    }
}

/// <summary>A count and a flag under a <see cref="Lock"/>, taken for the pin and again for the unpin.</summary>
internal sealed class LockSubject(bool timed = false) : PinSubject("lock", timed)
{
    private readonly State _state = new();

    internal override bool MayAllocate => true; // A thread that has to wait for it makes an event, once.

    internal override Loop CreateLoop(int thread) => LoopOf(new Pin(_state));

    internal override void CheckBalance() => Check(_state.Count == 1, $"the count is {_state.Count} instead of 1.");

    private readonly struct Pin(State state) : IPin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryTake()
        {
            lock (state.Lock)
            {
                if (state.Killed)
                    return false;
                state.Count++;
                return true;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Drop()
        {
            lock (state.Lock)
                state.Count--;
        }
    }

    private sealed class State
    {
        internal Lock Lock { get; } = new();

        internal long Count { get; set; } = 1;

        internal bool Killed { get; set; }
    }
}
