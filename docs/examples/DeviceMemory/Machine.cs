using System.Text;
using Percpu.Pagemap;

namespace Percpu.Examples.DeviceMemory;

/// <summary>A physical space with some RAM and persistent memory over a file, and what one does with it.</summary>
internal sealed class Machine : IDisposable
{
    internal const int PageSize = 1 << Pfn.PageShift;

    private const long Bytes = 64 << 20;
    private const int MovedPages = 16;

    private static readonly PfnRange Ram = new(new Pfn(0), 2048);
    private static readonly PfnRange Pmem = new(new Pfn(1 << 20), Bytes / PageSize);

    private readonly PhysicalSpace _space = new();
    private readonly PagemapTable _table;
    private readonly Device _device;
    private readonly PmemDisk _disk;
    private readonly AddressSpace _memory;

    internal Machine(string image, bool create)
    {
        if (create)
        {
            using FileStream file = File.OpenWrite(image);
            file.SetLength(Bytes);
        }

        // Who is there: the space numbers pages, the table knows who owns which, a region names a range of them, a device owns it.
        _space.AddRam(Ram);
        _table = new PagemapTable(_space);
        _device = new Device(_table, "pmem0");
        var medium = new PmemNamespace(_space.AddDevice(Pmem, "pmem", image));
        if (create)
            medium.Format(NamespaceMode.Pfn); // As `ndctl create-namespace --mode=fsdax`: pages of the medium get page frames.

        // Binding maps the file, makes a page frame for each of its pages, and registers their owner.
        _disk = (PmemDisk)PmemDriver.Bind(_device, medium).Disk;
        _memory = new AddressSpace(_table);
    }

    /// <summary>The disk as blocks: sectors of 512 bytes, copied.</summary>
    internal void WriteAndRead()
    {
        byte[] sector = new byte[_disk.SectorSize];
        "hello"u8.CopyTo(sector);
        _disk.Write(0, sector);
        _disk.Flush();
        _disk.Read(0, sector);
        Console.WriteLine($"1. a sector: {Encoding.UTF8.GetString(sector, 0, 5)}");
    }

    /// <summary>The disk as memory: no copy. Inside the scope the disk cannot be unmapped.</summary>
    internal void TouchTheMedium()
    {
        using DirectMapping direct = _disk.DirectAccess(0);
        direct.Span[0] = (byte)'j';
        Console.WriteLine($"2. direct access: page frame {direct.Pfn}, {Encoding.UTF8.GetString(direct.Span[..5])}");
    }

    /// <summary>Pages of the disk at addresses of ours, held one by one: what a driver does before it lets hardware write to them.</summary>
    internal void PinPagesOfTheMedium()
    {
        Area area = _memory.MapDax(_disk, 0, 4 * PageSize);
        var buffer = new Page[2];
        using (PinnedPages pinned = _memory.PinUserPages(area.Start, buffer, GupFlags.Write))
        {
            foreach (Page page in pinned.Pages)
                page.MarkDirty();
            _space.Memory(pinned.Pages[0])[0] = (byte)'c'; // The page stays, whoever unmaps the area.
            Console.WriteLine($"3. get_user_pages: {pinned.Pages.Length} pages of {((DevPagemap)pinned.Pages[0].Owner!).HostName}");
        }
        _memory.Unmap(area);
    }

    /// <summary>Pages that the processor cannot touch: they move into a device, and the first access brings them home.</summary>
    internal void MoveToADeviceAndBack()
    {
        var accelerator = new Device(_table, "accelerator");
        HmmDevice accelerated = HmmDevice.Add(accelerator, 512);
        Area area = _memory.MapAnonymous(MovedPages * PageSize);
        _memory.Write(area.Start, "moved"u8);

        long moved = accelerated.MigrateToDevice(_memory, area.Start, MovedPages);
        bool away = _memory.Lookup(area.Start).IsDevicePrivate;
        byte[] read = new byte[5];
        _memory.Read(area.Start, read); // A fault: the driver copies the page back.
        Console.WriteLine($"4. HMM: {moved} page into the device, away: {away}; read again: {Encoding.UTF8.GetString(read)}, away: {_memory.Lookup(area.Start).IsDevicePrivate}");

        _memory.Unmap(area);
        accelerator.Remove(); // Waits for its last page.
    }

    /// <summary>Unbinding stops new users at once, and waits for those that are inside.</summary>
    internal void UnbindUnderAPin()
    {
        Area area = _memory.MapDax(_disk, 0, PageSize);
        var buffer = new Page[1];
        PinnedPages pinned = _memory.PinUserPages(area.Start, buffer);
        var unbinder = new Thread(() => _device.Unbind());
        unbinder.Start();
        SpinWait.SpinUntil(() => _table.GetDevPagemap(Pmem.Start) is not { } map || !Put(map)); // Until nobody new gets in.
        Console.WriteLine($"5. unbinding: new users are refused, the pinned page still reads {(char)_space.Memory(pinned.Pages[0])[0]}, unbound: {!unbinder.IsAlive}");
        pinned.Dispose(); // The last one.
        unbinder.Join();
        Console.WriteLine($"   unbound: {_device.Driver is null}");
    }

    /// <summary>The medium is what it was, in another run of the program.</summary>
    internal void FindWhatWasWritten()
    {
        byte[] sector = new byte[_disk.SectorSize];
        _disk.Read(0, sector);
        Console.WriteLine($"6. another run: {Encoding.UTF8.GetString(sector, 0, 5)}");
    }

    public void Dispose()
    {
        _memory.Dispose();
        _device.Remove();
        _space.Dispose();
    }

    private static bool Put(DevPagemap map)
    {
        PagemapTable.PutDevPagemap(map);
        return true;
    }
}
