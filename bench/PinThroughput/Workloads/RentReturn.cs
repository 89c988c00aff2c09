using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.Buffers;
using Percpu.Examples.Arena;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Workloads;

internal sealed class RentReturnWorkload : Workload
{
    internal override string Id => "rent-return";

    internal override string Operation => "rent 4 KiB, write its ends, return it";

    internal override string Yardstick => "slab-pool";

    internal override IReadOnlyList<string> SubjectIds => ["slab-pool", "arena", "array-pool", "memory-pool", "native-memory"];

    internal override IReadOnlyList<string> OwnIds => ["slab-pool", "arena"];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        var pool = new SlabPool();
        var arena = new ArenaAllocator();
        return new WorkloadInstance(
            [
                new RentSubject<SlabPoolRent>("slab-pool", new SlabPoolRent(pool), free: pool.Dispose, isBalanced: () => IsEmpty(pool)),
                new ArenaSubject(arena),
                new RentSubject<ArrayPoolRent>("array-pool", default),
                new RentSubject<MemoryPoolRent>("memory-pool", default, mayAllocate: true),
                new RentSubject<NativeMemoryRent>("native-memory", default),
            ]);
    }

    internal static bool IsEmpty(SlabPool pool)
    {
        pool.RetireSlabs();
        return pool.MappedBytes == 0;
    }
}

/// <summary>Rents 4 KiB, writes its first and last byte, and returns it. Implemented by structs, so that the loop is
/// compiled for each.</summary>
internal interface IRent
{
    /// <returns>1.</returns>
    int RentAndReturn();
}

/// <summary>Something that rents, and how it is checked and given back.</summary>
internal sealed class RentSubject<TRent>(string id, TRent rent, bool mayAllocate = false, Action? free = null, Func<bool>? isBalanced = null) : Subject(id)
    where TRent : struct, IRent
{
    internal const int Bytes = 4096;

    internal override bool MayAllocate => mayAllocate;

    internal override Loop CreateLoop(int thread) => new RentLoop(rent);

    internal override void CheckBalance() => Check(isBalanced?.Invoke() ?? true, "blocks are left.");

    protected override void Free() => free?.Invoke();

    private sealed class RentLoop(TRent rent) : ChunkLoop
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        protected override long RunChunk(int chunk)
        {
            TRent local = rent;
            long sum = 0;
            for (int i = 0; i < Operations; i++)
                sum += local.RentAndReturn();
            return sum;
        }
    }
}

internal readonly struct SlabPoolRent(SlabPool pool) : IRent
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int RentAndReturn()
    {
        SlabRental rental = pool.RentBlock();
        Span<byte> bytes = rental.Span;
        bytes[0] = bytes[4095] = 1;
        int read = bytes[0];
        rental.Dispose();
        return read;
    }
}

internal readonly struct ArrayPoolRent : IRent
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int RentAndReturn()
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(4096);
        bytes[0] = bytes[4095] = 1;
        int read = bytes[0];
        ArrayPool<byte>.Shared.Return(bytes);
        return read;
    }
}

/// <summary>The framework's memory pool, which allocates an owner a rent.</summary>
internal readonly struct MemoryPoolRent : IRent
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int RentAndReturn()
    {
        using IMemoryOwner<byte> owner = MemoryPool<byte>.Shared.Rent(4096);
        Span<byte> bytes = owner.Memory.Span;
        bytes[0] = bytes[4095] = 1;
        return bytes[0];
    }
}

/// <summary>The C library's allocator.</summary>
internal readonly unsafe struct NativeMemoryRent : IRent
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int RentAndReturn()
    {
        byte* bytes = (byte*)NativeMemory.Alloc(4096);
        bytes[0] = bytes[4095] = 1;
        int read = bytes[0];
        NativeMemory.Free(bytes);
        return read;
    }
}

/// <summary>The arena of docs/examples: 4 KiB off the end of a region of 1 MiB, and a region killed and recycled every 256.</summary>
internal sealed class ArenaSubject(ArenaAllocator arena) : Subject("arena")
{
    private readonly List<ArenaThread> _threads = [];

    internal override bool MayAllocate => true; // A region that is recycled is retired, which takes a node.

    internal override Loop CreateLoop(int thread)
    {
        ArenaThread local = arena.Attach();
        _threads.Add(local);
        return new ArenaLoop(local);
    }

    internal override void CheckBalance()
    {
        Free();
        arena.Reclaim();
        Check(arena.MappedBytes == 0, $"{arena.MappedBytes} bytes are left.");
    }

    protected override void Free()
    {
        foreach (ArenaThread thread in _threads)
            thread.Dispose();
        arena.Dispose();
    }

    private sealed class ArenaLoop(ArenaThread thread) : ChunkLoop
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        protected override long RunChunk(int chunk)
        {
            ArenaThread local = thread;
            long sum = 0;
            for (int i = 0; i < Operations; i++)
            {
                ArenaBlock block = local.Allocate(4096);
                Span<byte> bytes = block.Span;
                bytes[0] = bytes[4095] = 1;
                sum += bytes[0];
                block.Free();
            }
            return sum;
        }
    }
}
