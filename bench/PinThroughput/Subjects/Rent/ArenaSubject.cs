using System.Runtime.CompilerServices;
using Percpu.Examples.Arena;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Rent;

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
