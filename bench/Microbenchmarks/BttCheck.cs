using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Percpu.Pagemap;

namespace Percpu.Microbenchmarks;

/// <summary>The check of a btt of 1 GiB, beside a scan that only loads all entries of its map and log.</summary>
[BenchmarkCategory("btt-check")]
public class BttCheck
{
    private const long Length = 1L << 30;

    private readonly byte[] _chunk = new byte[16 << 10];
    private readonly string _path = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"btt-check-{Guid.NewGuid():N}");
    private PhysicalSpace _space = null!;
    private PmemNamespace _names = null!;
    private FileStream _file = null!;
    private long _map, _end;

    public enum State
    {
        NeverWritten,
        InOrder,
        Shuffled,
        HalfShuffled, // Every second sector by chance, the others never written.
    }

    [ParamsAllValues]
    public State Map { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _file = new FileStream(_path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        _file.SetLength(Length);
        _space = new PhysicalSpace();
        PhysicalRegion region = _space.AddDevice(new PfnRange(new Pfn(PagemapTable.PagesPerSection), (ulong)Length >> Pfn.PageShift), "pmem0", _path);
        _names = new PmemNamespace(region);
        _names.Format(NamespaceMode.Btt);
        byte[] info = new byte[4096];
        RandomAccess.Read(_file.SafeFileHandle, info, 4096);
        _map = 4096 + BinaryPrimitives.ReadInt64LittleEndian(info.AsSpan(96));
        _end = 4096 + BinaryPrimitives.ReadInt64LittleEndian(info.AsSpan(112)); // The copy follows the log.
        uint[] entries = new uint[BinaryPrimitives.ReadUInt32LittleEndian(info.AsSpan(60))];
        for (int i = 0; i < entries.Length; i++)
            entries[i] = 0xC000_0000 | (uint)i;
        if (Map == State.Shuffled)
            new Random(1).Shuffle(entries);
        if (Map == State.HalfShuffled)
            ShuffleHalf(entries);
        if (Map != State.NeverWritten)
            RandomAccess.Write(_file.SafeFileHandle, MemoryMarshal.AsBytes(entries.AsSpan()), _map);
        if (!Check())
            throw new InvalidOperationException("The medium is not sound.");
    }

    private static void ShuffleHalf(uint[] entries)
    {
        var random = new Random(1);
        int[] written = [.. Enumerable.Range(0, entries.Length).Where(_ => random.Next(2) == 0)];
        uint[] blocks = [.. written.Select(i => entries[i])];
        random.Shuffle(blocks);
        Array.Clear(entries);
        for (int i = 0; i < written.Length; i++)
            entries[written[i]] = blocks[i];
    }

    [Benchmark(Baseline = true)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public uint Scan()
    {
        uint sum = 0;
        for (long at = _map; at < _end; at += _chunk.Length)
        {
            int length = (int)Math.Min(_chunk.Length, _end - at);
            RandomAccess.Read(_file.SafeFileHandle, _chunk.AsSpan(0, length), at);
            foreach (uint entry in MemoryMarshal.Cast<byte, uint>(_chunk.AsSpan(0, length)))
                sum += entry;
        }
        return sum;
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool Check() => _names.Check().IsSound;

    [GlobalCleanup]
    public void Cleanup()
    {
        _space.Dispose();
        _file.Dispose();
        File.Delete(_path);
    }
}
