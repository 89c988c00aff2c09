using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Workloads;

internal sealed class RentElsewhereWorkload : Workload
{
    private const string Depth = "depth";

    internal override string Id => "rent-elsewhere";

    internal override string Operation => "rent 4 KiB, mark it, hand it over in a ring of 32 (or depth); the other thread checks the mark and returns it";

    internal override string Yardstick => "slab-pool";

    internal override IReadOnlyList<string> SubjectIds => ["slab-pool", "array-pool", "memory-pool"];

    internal override IReadOnlyList<string> OwnIds => ["slab-pool"];

    internal override IReadOnlyList<int> Threads => [2];

    internal override IReadOnlyList<IReadOnlyDictionary<string, string>> Variants { get; } =
        [new Dictionary<string, string>(), new Dictionary<string, string> { [Depth] = "1024" }];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        int depth = parameters.TryGetValue(Depth, out string? given) ? int.Parse(given, CultureInfo.InvariantCulture) : 32;
        bool grows = depth > 32; // How many are under way is chance: the pool takes a slab more now and then; the array pool keeps 32 a processor.
        var pool = new SlabPool();
        return new WorkloadInstance(
            [
                new HandOverSubject<SlabPoolHandOver, SlabRental>("slab-pool", new SlabPoolHandOver(pool), depth, grows, free: pool.Dispose,
                    isBalanced: () => RentReturnWorkload.IsEmpty(pool)),
                new HandOverSubject<ArrayPoolHandOver, ArrayBlock>("array-pool", default, depth, grows),
                new HandOverSubject<MemoryPoolHandOver, OwnedBlock>("memory-pool", default, depth, mayAllocate: true),
            ]);
    }
}

/// <summary>Rents a block on one thread and returns it on another. Implemented by structs, and the block is one, so that the
/// loops are compiled for each.</summary>
internal interface IHandOver<TBlock>
    where TBlock : struct
{
    /// <summary>Rents 4 KiB and writes a mark at its start.</summary>
    TBlock Rent(int mark);

    /// <summary>Returns it.</summary>
    /// <returns>The mark that it held.</returns>
    int Return(TBlock block);
}

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

internal readonly struct SlabPoolHandOver(SlabPool pool) : IHandOver<SlabRental>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SlabRental Rent(int mark)
    {
        SlabRental rental = pool.RentBlock();
        MemoryMarshal.Write(rental.Span, mark);
        return rental;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Return(SlabRental block)
    {
        int mark = MemoryMarshal.Read<int>(block.Span);
        block.Dispose();
        return mark;
    }
}

internal readonly record struct ArrayBlock(byte[] Bytes);

internal readonly struct ArrayPoolHandOver : IHandOver<ArrayBlock>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ArrayBlock Rent(int mark)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(RentSubject<ArrayPoolRent>.Bytes);
        MemoryMarshal.Write(bytes, mark);
        return new ArrayBlock(bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Return(ArrayBlock block)
    {
        int mark = MemoryMarshal.Read<int>(block.Bytes);
        ArrayPool<byte>.Shared.Return(block.Bytes);
        return mark;
    }
}

internal readonly record struct OwnedBlock(IMemoryOwner<byte> Owner);

internal readonly struct MemoryPoolHandOver : IHandOver<OwnedBlock>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public OwnedBlock Rent(int mark)
    {
        IMemoryOwner<byte> owner = MemoryPool<byte>.Shared.Rent(RentSubject<MemoryPoolRent>.Bytes);
        MemoryMarshal.Write(owner.Memory.Span, mark);
        return new OwnedBlock(owner);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Return(OwnedBlock block)
    {
        int mark = MemoryMarshal.Read<int>(block.Owner.Memory.Span);
        block.Owner.Dispose();
        return mark;
    }
}
