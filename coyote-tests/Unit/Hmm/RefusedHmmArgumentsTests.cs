using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Hmm;

/// <summary>Each argument that is refused is told by its name and value, of several the first that is wrong.</summary>
public sealed class RefusedHmmArgumentsTests : IDisposable
{
    private const ulong PageSize = 4096, End = 1UL << AddressSpace.AddressBits;

    private readonly TestMachine _machine = new();
    private readonly AddressSpace _space;

    public RefusedHmmArgumentsTests()
    {
        _machine.CheckAccess();
        _space = new AddressSpace(_machine.Table);
    }

    public void Dispose()
    {
        _machine.Dispose(_space);
        _machine.Dispose();
    }

    [Fact]
    public void Arguments_of_migrations()
    {
        var ops = new Filler(static (_, _) => { });
        Area area = _space.MapAnonymous(4 * PageSize);
        Refused.Null("space", () => HmmMigration.Migrate((AddressSpace)null!, 1, 1, MigrateSelect.System, null!));
        Refused.Null("area", () => HmmMigration.Migrate((Area)null!, 1, 1, MigrateSelect.System, null!));
        Refused.Null("ops", () => HmmMigration.Migrate(_space, 1, 1, MigrateSelect.System, null!));
        Refused.Null("ops", () => HmmMigration.Migrate(area, 1, 1, MigrateSelect.System, null!));
        foreach (ulong start in (ulong[])[1, area.Start + 1, End, ulong.MaxValue])
        {
            Refused.Range("start", start, () => HmmMigration.Migrate(_space, start, ulong.MaxValue, MigrateSelect.System, ops));
            Refused.Range("start", start, () => HmmMigration.Migrate(area, start, ulong.MaxValue, MigrateSelect.System, ops));
        }
        foreach ((ulong start, ulong pages) in ((ulong, ulong)[])[(0, (End / PageSize) + 1), (End - PageSize, 2), (PageSize, ulong.MaxValue)])
        {
            Refused.Range("pages", pages, () => HmmMigration.Migrate(_space, start, pages, MigrateSelect.System, ops));
            Refused.Range("pages", pages, () => HmmMigration.Migrate(area, start, pages, MigrateSelect.System, ops));
        }
        Refused.Range("start", area.Start - PageSize, () => HmmMigration.Migrate(area, area.Start - PageSize, 100, MigrateSelect.System, ops));
        Refused.Range("pages", area.End + PageSize, () => HmmMigration.Migrate(area, area.Start, 5, MigrateSelect.System, ops));
        Refused.Range("pages", area.End + PageSize, () => HmmMigration.Migrate(area, area.End, 1, MigrateSelect.System, ops));
        foreach ((ulong start, ulong pages) in ((ulong, ulong)[])[(area.Start, 4), (area.End, 0), (area.Start, 0)])
            Assert.Equal(0, HmmMigration.Migrate(area, start, pages, MigrateSelect.System, ops));
        Assert.Equal(0, HmmMigration.Migrate(_space, 0, End / PageSize, MigrateSelect.System, ops));
        Assert.Equal(0, HmmMigration.Migrate(_space, End - PageSize, 1, MigrateSelect.System, ops));
        Refused.Null("area", () => HmmMigration.AllocateLockedPage(null!, 0));
        foreach (ulong address in (ulong[])[area.Start - 1, area.End])
            Refused.Range("address", address, () => HmmMigration.AllocateLockedPage(area, address));
        foreach (ulong address in (ulong[])[area.Start, area.End - 1])
            HmmMigration.AllocateLockedPage(area, address).Put();
    }

    [Fact]
    public void Arguments_of_device_memory()
    {
        Refused.Null("ops", () => HmmDevmem.Add(null!, null!, 0));
        Refused.Null("device", () => HmmDevice.Add(null!, 0));
        Refused.Range("pages", 0UL, () => HmmDevice.Add(_machine.Device, 0));
        ulong capacity = _machine.Space.Capacity;
        foreach (ulong pages in (ulong[])[capacity + 1, ulong.MaxValue])
            Refused.Range("pages", pages, () => HmmDevice.Add(_machine.Device, pages));
        Assert.Throws<InsufficientMemoryException>(() => HmmDevice.Add(_machine.Device, capacity));
        HmmDevice device = HmmDevice.Add(_machine.Device, 1);
        Assert.Equal((512UL, device.Memory.FirstPfn.Value + 511), (device.Memory.Resource.Range.Length, device.Memory.LastPfn.Value));
        Page page = device.TryAllocatePage(), ram = _machine.Space.AllocatePage();
        byte[] bytes = new byte[4096];
        Refused.Wrong("page", () => device.CopyIn(ram, new byte[1]));
        Refused.Wrong("page", () => device.CopyOut(ram, new byte[1]));
        foreach (int length in (int[])[0, 4095, 4097])
        {
            Refused.Wrong("length", () => device.CopyIn(page, new byte[length]));
            Refused.Wrong("length", () => device.CopyOut(page, new byte[length]));
        }
        bytes[4095] = 7;
        device.CopyIn(page, bytes);
        bytes[4095] = 0;
        device.CopyOut(page, bytes);
        Assert.Equal(7, bytes[4095]);
        page.Put();
        ram.Put();
        Assert.Equal(0, device.AllocatedPages);
    }

    [Fact]
    public void I50_a_fault_on_a_page_that_has_come_home_is_done_also_beside_one_that_has_not() => Worker.RunWaiting("a fault to be done", () =>
    {
        HmmDevice device = HmmDevice.Add(_machine.Device, 512);
        Area area = _space.MapAnonymous(32 * PageSize, address: 1 << 21);
        for (ulong i = 0; i < 32; i++)
            _space.Write(area.Start + (i * PageSize), [(byte)i]);
        Page page = device.TryAllocatePage();
        foreach (ulong here in (ulong[])[0, 15, 16, 31]) // A window has 16 pages.
        {
            Assert.Equal(32, device.MigrateToDevice(_space, area.Start, 32));
            _space.Read(area.Start + (here * PageSize), new byte[1]);
            Assert.Equal(FaultResult.Minor, device.Fault(device.Memory, area, area.Start + (here * PageSize), page, write: false));
            Assert.Equal(16, device.AllocatedPages - 1);
            Assert.Equal(16, device.MigrateToHost(_space, area.Start, 32));
        }
        page.Put();
        _space.Unmap(area);
        Assert.True(device.Memory.Remove());
    });

    [Fact]
    public void I50_a_private_page_whose_driver_serves_no_faults_cannot_be_accessed_and_that_is_told()
    {
        PhysicalRegion region = _machine.AddDevice();
        using var reference = new PercpuRef();
        DevPagemap map = MemoryRemap.MapPages(_machine.Device, region.Range, reference, null, static _ => { }, unaddressable: true).Pagemap!;
        Area area = _space.MapAnonymous(PageSize);
        _space.Write(area.Start, [7]);
        Page taken = default;
        var ops = new Filler((sources, destinations) =>
        {
            taken = _machine.Space.PfnToPage(map.FirstPfn);
            taken.Get();
            Assert.True(taken.TryLock());
            destinations[0] = taken;
        });
        Assert.Equal(1, HmmMigration.Migrate(_space, area.Start, 1, MigrateSelect.System, ops));
        Assert.True(_space.Lookup(area.Start).IsDevicePrivate);
        Worker.RunWaiting("an access to a page whose driver serves none", () =>
        {
            AccessFaultException refused = Assert.Throws<AccessFaultException>(() => _space.Read(area.Start, new byte[1]));
            Assert.Equal((AccessFault.DeviceFailed, area.Start), (refused.Fault, refused.Address));
        });
        _space.Unmap(area);
        Assert.Equal(1, taken.Count);
        reference.Kill();
    }
}
