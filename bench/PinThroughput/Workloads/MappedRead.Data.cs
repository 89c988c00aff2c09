using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Workloads;

/// <summary>A real file of 64 MiB whose bytes follow from their positions, deleted at the end.</summary>
internal sealed class DataFile : IDisposable
{
    internal const int Length = 64 << 20;

    internal DataFile()
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"pin-throughput-{Guid.NewGuid():N}.bin");
        using MappedFile file = MappedFile.Create(Path, Length);
        try
        {
            using MappedPin pin = file.Pin();
            Span<byte> bytes = pin.Span;
            for (int i = 0; i < bytes.Length; i++)
                bytes[i] = ByteAt(i);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal string Path { get; }

    internal static byte ByteAt(int position) => (byte)((uint)position * 0x9E3779B1 >> 24);

    internal MemoryMappedFile Map() => MemoryMappedFile.CreateFromFile(Path, FileMode.Open, null, 0, MemoryMappedFileAccess.ReadWrite);

    /// <summary>Deletes the file once everybody has mapped it, where that is allowed: an aborted run leaves nothing.</summary>
    internal void Unlink()
    {
        if (!OperatingSystem.IsWindows())
            File.Delete(Path);
    }

    public void Dispose() => File.Delete(Path);
}

/// <summary>
/// The random positions that every subject reads: a multiply and an add each, kept in a register. A chunk always starts
/// from the same state, so that the sum of what it reads is known beforehand.
/// </summary>
internal struct Positions
{
    /// <summary>Different chunks: together they reach a million positions.</summary>
    private const int Sequences = 64;

    private readonly int _mask;
    private ulong _state;

    private Positions(int sequence, int window)
    {
        _mask = window - 1;
        _state = ((ulong)sequence + 1) * 0x9E3779B97F4A7C15;
    }

    internal static Positions Of(int thread, int chunk, int window) => new(thread * Sequences + chunk % Sequences, window);

    /// <summary>What each chunk of a thread sums up to.</summary>
    internal static long[] ExpectedSums(int thread, int window)
    {
        long[] sums = new long[Sequences];
        for (int chunk = 0; chunk < Sequences; chunk++)
        {
            Positions positions = Of(thread, chunk, window);
            for (int i = 0; i < ChunkLoop.Operations; i++)
                sums[chunk] += DataFile.ByteAt(positions.Next());
        }
        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Next()
    {
        _state = _state * 6364136223846793005 + 1442695040888963407;
        return (int)(_state >> 32) & _mask;
    }
}
