using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Pin;

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
