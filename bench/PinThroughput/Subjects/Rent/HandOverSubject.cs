using System.Diagnostics;
using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Rent;

/// <summary>Thread 0 rents blocks and hands them over; thread 1 checks the mark of each and returns it. Timed is thread 0.</summary>
internal sealed class HandOverSubject<TWay, TBlock>(string id, TWay way, int depth, bool mayAllocate = false, Action? free = null, Func<bool>? isBalanced = null)
    : Subject(id)
    where TWay : struct, IHandOver<TBlock>
    where TBlock : struct
{
    private readonly HandOverRing<TBlock> _ring = new(depth);

    internal override bool MayAllocate => mayAllocate;

    internal override Loop CreateLoop(int thread) => thread == 0 ? new RentLoop(way, _ring) : new ReturnLoop(way, _ring);

    internal override void CheckBalance()
    {
        Check(_ring.Put > 0 && _ring.Put == _ring.Taken, $"{_ring.Put} blocks were rented and {_ring.Taken} returned.");
        Check(isBalanced?.Invoke() ?? true, "blocks are left.");
    }

    protected override void Free() => free?.Invoke();

    private sealed class RentLoop(TWay way, HandOverRing<TBlock> ring) : Loop
    {
        internal override Tally Run(long duration)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp(), first = ring.Put, elapsed;
            try
            {
                do
                {
                    RunChunk();
                    elapsed = Stopwatch.GetTimestamp() - start;
                }
                while (elapsed < duration);
                ring.EndRound();
            }
            catch
            {
                ring.Break();
                throw;
            }
            return new Tally(ring.Put - first, elapsed, GC.GetAllocatedBytesForCurrentThread() - allocated);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private void RunChunk()
        {
            TWay local = way;
            HandOverRing<TBlock> to = ring;
            for (int i = 0; i < ChunkLoop.Operations; i++)
                to.Add(local.Rent((int)to.Put));
        }
    }

    /// <summary>Reports no operations: each block is counted once.</summary>
    private sealed class ReturnLoop(TWay way, HandOverRing<TBlock> ring) : Loop
    {
        private long _rounds;

        internal override Tally Run(long duration)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                while (RunChunk())
                {
                }
            }
            catch
            {
                ring.Break();
                throw;
            }
            _rounds++;
            return new Tally(0, 0, GC.GetAllocatedBytesForCurrentThread() - allocated);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private bool RunChunk()
        {
            TWay local = way;
            HandOverRing<TBlock> from = ring;
            for (int i = 0; i < ChunkLoop.Operations; i++)
            {
                int expected = (int)from.Taken;
                if (!from.TryTake(_rounds, out TBlock block))
                    return false;
                int mark = local.Return(block);
                if (mark != expected)
                    throw new CheckFailedException($"{typeof(TWay).Name}: block {expected} has mark {mark}.");
            }
            return true;
        }
    }
}
