using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using Percpu.Pagemap;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Workloads;

internal sealed class PmemReadWorkload : Workload
{
    internal override string Id => "pmem-read";

    internal override string Operation => "read one random block of 4 KiB of a file, in a window of 1 MiB";

    internal override string Yardstick => "percpu-ref";

    internal override string Floor => "view-accessor";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-ref", "view-accessor"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref"];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        var file = new DataFile();
        try
        {
            WorkloadInstance instance = new([new PmemDiskSubject(file), new ViewSubject(file)], file);
            file.Unlink();
            return instance;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}

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

/// <summary>A pmem disk over the file: entering its queue is a pin.</summary>
internal sealed class PmemDiskSubject : Subject
{
    private readonly PhysicalSpace _space = new();
    private readonly Device _device;
    private readonly PmemDisk _disk;

    internal PmemDiskSubject(DataFile data)
        : base("percpu-ref")
    {
        _device = new Device(new PagemapTable(_space), "pmem0");
        var range = new PfnRange(new Pfn(PagemapTable.PagesPerSection), DataFile.Length >> Pfn.PageShift);
        PhysicalRegion region = _space.AddDevice(range, "pmem0", data.Path);
        _disk = (PmemDisk)PmemDriver.Bind(_device, new PmemNamespace(region, mapPages: true, NamespaceMode.Raw)).Disk;
    }

    internal override Loop CreateLoop(int thread) => new BlockLoop<Reader>(new Reader(_disk), thread);

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

    private readonly struct Reader(PmemDisk disk) : IBlockReader
    {
        public void Read(long offset, byte[] block) => disk.Read(offset, block);
    }
}

/// <summary>.NET's own safe way over the same file.</summary>
internal sealed class ViewSubject : Subject
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    internal ViewSubject(DataFile data)
        : base("view-accessor")
    {
        _file = data.Map();
        _view = _file.CreateViewAccessor();
    }

    internal override Loop CreateLoop(int thread) => new BlockLoop<Reader>(new Reader(_view), thread);

    protected override void Free()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private readonly struct Reader(MemoryMappedViewAccessor view) : IBlockReader
    {
        public void Read(long offset, byte[] block) => view.ReadArray(offset, block, 0, block.Length);
    }
}
