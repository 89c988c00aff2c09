using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Epoch;

internal sealed class RwLockEpochSubject() : Subject("rwlock-slim")
{
    private readonly ReaderWriterLockSlim _lock = new();

    internal override Loop CreateLoop(int thread) => new EpochLoop<Section>(new Section(_lock));

    internal override void CheckBalance() => Check(_lock.CurrentReadCount == 0, $"{_lock.CurrentReadCount} read locks are left.");

    protected override void Free() => _lock.Dispose();

    private readonly struct Section(ReaderWriterLockSlim @lock) : ISection
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Read(ref readonly long word, ref long sum)
        {
            @lock.EnterReadLock();
            sum += Volatile.Read(in word);
            @lock.ExitReadLock();
        }
    }
}
