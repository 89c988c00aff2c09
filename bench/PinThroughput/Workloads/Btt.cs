using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using Percpu.Pagemap;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Peers;

namespace Percpu.PinThroughput.Workloads;

/// <summary>Sectors that a power cut leaves wholly old or wholly new. Each subject has a file of its own, in memory where the system has
/// such a folder: what is measured is the way to the medium.</summary>
internal sealed class BttWorkload : Workload
{
    private const string OperationName = "operation", Write = "write";

    // Found each time it is asked for: a build may come between.
    private static string? Peer => NativePeers.Find("pmemblk-peer");

    internal override string Id => "btt";

    internal override string Operation => "read one random sector of 4 KiB, of a btt of 48 MiB, or with operation=write write it";

    internal override string Yardstick => Peer is null ? "file-write-through" : "libpmemblk";

    internal override IReadOnlyList<string> SubjectIds =>
        Peer is null ? ["percpu-btt", "file-write-through"] : ["percpu-btt", "libpmemblk", "file-write-through"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-btt"];

    internal override IReadOnlyList<(string Subject, string Reason)> NotRun =>
        Peer is null ? [("libpmemblk", $"not built; {NativePeers.Build} builds it.")] : [];

    internal override IReadOnlyList<IReadOnlyDictionary<string, string>> Variants =>
        [new Dictionary<string, string>(), new Dictionary<string, string> { [OperationName] = Write }];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        bool writes = parameters.GetValueOrDefault(OperationName) == Write;
        List<Subject> subjects = [];
        try
        {
            subjects.Add(new BttDiskSubject(writes));
            if (Peer is { } peer)
                subjects.Add(new PmemblkSubject(peer, writes));
            subjects.Add(new FileSubject(writes));
            return new WorkloadInstance(subjects);
        }
        catch
        {
            subjects.ForEach(subject => subject.Dispose());
            throw;
        }
    }
}

/// <summary>Reads and writes one sector. Implemented by structs, so that the loop is compiled for each.</summary>
internal interface ISectorDisk
{
    void Read(long offset, Span<byte> sector);

    void Write(long offset, ReadOnlySpan<byte> sector);
}

/// <summary>The hot loop of every subject of <c>btt</c> in this process: random sectors.</summary>
internal sealed class SectorLoop<TDisk>(TDisk disk, int thread, bool writes) : ChunkLoop
    where TDisk : struct, ISectorDisk
{
    private readonly byte[] _sector = new byte[Sectors.Size];

    /// <summary>Writes each sector once.</summary>
    internal static void Fill(TDisk disk)
    {
        byte[] sector = new byte[Sectors.Size];
        for (long i = 0; i < Sectors.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(sector, i);
            disk.Write(i * Sectors.Size, sector);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    protected override long RunChunk(int chunk)
    {
        TDisk local = disk;
        byte[] sector = _sector;
        ulong state = (((ulong)chunk << 8) + (ulong)thread + 1) * 0x9E3779B97F4A7C15;
        long right = 0;
        for (int i = 0; i < Operations; i++)
        {
            state = state * 6364136223846793005 + 1442695040888963407;
            long index = (long)(state >> 33) % Sectors.Count;
            if (writes)
            {
                BinaryPrimitives.WriteInt64LittleEndian(sector, index);
                local.Write(index * Sectors.Size, sector);
                right++;
            }
            else
            {
                local.Read(index * Sectors.Size, sector);
                right += BinaryPrimitives.ReadInt64LittleEndian(sector) == index ? 1 : 0;
            }
        }
        return right;
    }
}

/// <summary>The library's btt disk.</summary>
internal sealed class BttDiskSubject : Subject
{
    private readonly bool _writes;
    private readonly PhysicalSpace _space = new();
    private readonly Device _device;
    private readonly BlockDisk _disk;

    internal BttDiskSubject(bool writes)
        : base("percpu-btt")
    {
        _writes = writes;
        _device = new Device(new PagemapTable(_space), "pmem0");
        string path = Sectors.NewPath();
        try
        {
            using (FileStream file = File.Create(path))
                file.SetLength(Sectors.FileLength);
            var range = new PfnRange(new Pfn(PagemapTable.PagesPerSection), Sectors.FileLength >> Pfn.PageShift);
            var names = new PmemNamespace(_space.AddDevice(range, "pmem0", path));
            names.Format(NamespaceMode.Btt);
            _disk = PmemDriver.Bind(_device, names).Disk;
        }
        finally
        {
            File.Delete(path);
        }
        SectorLoop<Io>.Fill(new Io(_disk));
    }

    internal override Loop CreateLoop(int thread) => new SectorLoop<Io>(new Io(_disk), thread, _writes);

    internal override void CheckBalance()
    {
        _disk.Queue.MarkDying();
        Check(_disk.Queue.Usage.IsZero, "requests are left in the queue.");
    }

    protected override void Free()
    {
        if (_disk.Queue.IsDying && !_disk.Queue.Usage.IsZero)
            return; // It would wait for ever.
        _device.Remove();
        _space.Dispose();
    }

    private readonly struct Io(BlockDisk disk) : ISectorDisk
    {
        public void Read(long offset, Span<byte> sector) => disk.Read(offset, sector);

        public void Write(long offset, ReadOnlySpan<byte> sector) => disk.Write(offset, sector);
    }
}

/// <summary>A file whose writes go through to the medium, without a promise about sectors in the middle of a write. A stream a thread.</summary>
internal sealed class FileSubject : Subject
{
    private readonly bool _writes;
    private readonly string _path = Sectors.NewPath();
    private readonly List<FileStream> _streams = [];

    internal FileSubject(bool writes)
        : base("file-write-through")
    {
        _writes = writes;
        SectorLoop<Io>.Fill(new Io(Open(FileMode.CreateNew)));
    }

    internal override Loop CreateLoop(int thread) => new SectorLoop<Io>(new Io(Open(FileMode.Open)), thread, _writes);

    protected override void Free()
    {
        _streams.ForEach(stream => stream.Dispose());
        File.Delete(_path);
    }

    private FileStream Open(FileMode mode)
    {
        _streams.Add(new FileStream(_path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.WriteThrough));
        return _streams[^1];
    }

    private readonly struct Io(FileStream stream) : ISectorDisk
    {
        public void Read(long offset, Span<byte> sector)
        {
            stream.Position = offset;
            stream.ReadExactly(sector);
        }

        public void Write(long offset, ReadOnlySpan<byte> sector)
        {
            stream.Position = offset;
            stream.Write(sector);
        }
    }
}

/// <summary>PMDK's libpmemblk, in a program of its own: <c>bench/NativePeers/pmemblk.c</c>.</summary>
internal sealed class PmemblkSubject : NativeSubject
{
    private readonly NativeProcess _process;

    internal PmemblkSubject(string program, bool writes)
        : this(Start(program), writes)
    {
    }

    private PmemblkSubject(NativeProcess process, bool writes)
        : base("libpmemblk", process, request: writes ? "write" : "read") => _process = process;

    protected override void Free() => _process.Dispose();

    private static NativeProcess Start(string program) => NativeProcess.Start(
        program, Sectors.NewPath(), Sectors.FileLength.ToString(CultureInfo.InvariantCulture), Sectors.Count.ToString(CultureInfo.InvariantCulture));
}

/// <summary>What all subjects of <c>btt</c> have in common. A sector begins with its number.</summary>
internal static class Sectors
{
    internal const int Size = 4_096, Count = (48 << 20) / Size;

    /// <summary>Bytes of a file with that many sectors and what manages them.</summary>
    internal const long FileLength = 64 << 20;

    internal static string NewPath() =>
        Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"pin-throughput-{Guid.NewGuid():N}.btt");
}
