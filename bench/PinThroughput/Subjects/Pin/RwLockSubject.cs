using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Pin;

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
