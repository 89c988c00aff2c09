using Percpu.Pagemap;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Subjects.MappedRead;

namespace Percpu.PinThroughput.Subjects.Pmem;

/// <summary>A pmem disk over the file: entering its queue is a pin.</summary>
internal sealed class DiskSubject : Subject
{
    private readonly PhysicalSpace _space = new();
    private readonly Device _device;
    private readonly PmemDisk _disk;

    internal DiskSubject(DataFile data)
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
