using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Subjects.MappedRead;

namespace Percpu.PinThroughput.Subjects.Pmem;

/// <summary>Reads one block into a buffer. Implemented by structs, so that the loop is compiled for each.</summary>
internal interface IBlockReader
{
    void Read(long offset, byte[] block);
}

/// <summary>The hot loop of every subject of <c>pmem-read</c>: random blocks of 4 KiB in a window of 1 MiB.</summary>
internal sealed class BlockLoop<TReader>(TReader reader, int thread) : ChunkLoop
    where TReader : struct, IBlockReader
{
    internal const int BlockSize = 4_096;
    private const int Blocks = 256;

    private readonly byte[] _block = new byte[BlockSize];

    [MethodImpl(MethodImplOptions.NoInlining)]
    protected override long RunChunk(int chunk)
    {
        TReader local = reader;
        ulong state = ((ulong)thread + 1) * 0x9E3779B97F4A7C15;
        long right = 0;
        for (int i = 0; i < Operations; i++)
        {
            state = state * 6364136223846793005 + 1442695040888963407;
            int offset = (int)(state >> 56) % Blocks * BlockSize;
            local.Read(offset, _block);
            right += _block[BlockSize - 1] == DataFile.ByteAt(offset + BlockSize - 1) ? 1 : 0;
        }
        return right;
    }
}
