using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Epoch;

/// <summary>A <see cref="Lock"/> held while reading: readers exclude each other.</summary>
internal sealed class LockEpochSubject() : Subject("lock")
{
    private readonly Lock _lock = new();

    internal override bool MayAllocate => true; // A thread that has to wait for it makes an event, once.

    internal override Loop CreateLoop(int thread) => new EpochLoop<Section>(new Section(_lock));

    private readonly struct Section(Lock @lock) : ISection
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Read(ref readonly long word, ref long sum)
        {
            lock (@lock)
                sum += Volatile.Read(in word);
        }
    }
}
