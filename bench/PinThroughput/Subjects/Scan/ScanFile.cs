using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Subjects.MappedRead;

namespace Percpu.PinThroughput.Subjects.Scan;

/// <summary>The file of dotnet/runtime#114846: 64 MiB, of which the zero bytes are counted. A thread goes through it chunk
/// by chunk from a place of its own, round and round.</summary>
internal sealed class ScanFile : IDisposable
{
    internal const int Chunks = DataFile.Length / ChunkLoop.Operations;

    private readonly DataFile _data = new();
    private readonly int[] _zeros = new int[Chunks];

    internal ScanFile()
    {
        for (int i = 0; i < DataFile.Length; i++)
            _zeros[i / ChunkLoop.Operations] += DataFile.ByteAt(i) == 0 ? 1 : 0;
    }

    internal DataFile Data => _data;

    /// <summary>Where a thread begins: eight of them share the file evenly.</summary>
    internal static int FirstChunk(int thread) => thread % 8 * (Chunks / 8);

    internal static long Start(int thread, int chunk) => (long)((FirstChunk(thread) + chunk) % Chunks) * ChunkLoop.Operations;

    internal int Zeros(int thread, int chunk) => _zeros[(FirstChunk(thread) + chunk) % Chunks];

    /// <summary>The zeros of a thread's first chunks.</summary>
    internal long ZerosOfFirst(int thread, long chunks)
    {
        long zeros = chunks / Chunks * _zeros.Sum();
        for (int i = 0; i < chunks % Chunks; i++)
            zeros += Zeros(thread, i);
        return zeros;
    }

    public void Dispose() => _data.Dispose();
}
