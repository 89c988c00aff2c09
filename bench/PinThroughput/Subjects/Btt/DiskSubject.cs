using Percpu.Pagemap;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Btt;

/// <summary>The library's btt disk.</summary>
internal sealed class DiskSubject : Subject
{
    private readonly bool _writes;
    private readonly PhysicalSpace _space = new();
    private readonly Device _device;
    private readonly BlockDisk _disk;

    internal DiskSubject(bool writes)
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
