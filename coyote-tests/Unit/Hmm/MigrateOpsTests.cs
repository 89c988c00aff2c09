using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Hmm;

/// <summary>What a migration asks of its driver, and what it tells: batch by batch, and of each page that stays.</summary>
public sealed class MigrateOpsTests : IDisposable
{
    private const ulong PageSize = 4096;
    private const int Pages = 200;

    private readonly TestMachine _machine = new();
    private readonly AddressSpace _space;
    private readonly HmmDevice _device;
    private readonly Area _area;

    public MigrateOpsTests()
    {
        _machine.CheckAccess();
        _space = new AddressSpace(_machine.Table);
        _device = HmmDevice.Add(_machine.Device, 512);
        _area = _space.MapAnonymous(Pages * PageSize);
        for (int i = 0; i < Pages; i++)
            _space.Write(AddressOf(i), [(byte)i]);
    }

    public void Dispose()
    {
        _machine.Dispose(_space);
        _machine.Dispose();
    }

    [Theory]
    [InlineData(0, 200, new[] { 64, 64, 64, 8 })]
    [InlineData(3, 64, new[] { 64 })]
    [InlineData(3, 65, new[] { 64, 1 })]
    [InlineData(199, 1, new[] { 1 })]
    public void I50_a_driver_is_asked_for_at_most_64_pages_at_once_from_the_first_to_the_last(int first, int pages, int[] batches)
    {
        Assert.Equal(64, typeof(HmmMigration).GetField(nameof(HmmMigration.BatchPages))!.GetRawConstantValue());
        var ops = new Recorder();
        Assert.Equal(0, HmmMigration.Migrate(_space, AddressOf(first), (ulong)pages, MigrateSelect.System, ops)); // It leaves all where they are.
        Assert.Equal(batches, ops.Batches.Select(batch => batch.Sources));
        ulong next = AddressOf(first);
        foreach ((ulong start, int sources) in ops.Batches)
        {
            Assert.Equal(next, start);
            next += (ulong)sources * PageSize;
        }
        Assert.Empty(ops.Held);
        AssertDataAreThere();
    }

    [Fact]
    public void I50_each_page_that_somebody_holds_is_told_by_its_address_and_stays()
    {
        int[] pinned = [2, 63, 64, 150];
        var pages = new List<Page>();
        foreach (int i in pinned)
        {
            var page = new Page[1];
            _space.GetUserPages(AddressOf(i), page, GupFlags.Get);
            pages.AddRange(page);
        }
        var ops = new Recorder();
        HmmMigration.Migrate(_space, _area.Start, Pages, MigrateSelect.System, ops);
        Assert.Equal(pinned.Select(AddressOf), ops.Held);
        Assert.Equal(Pages - pinned.Length, _device.MigrateToDevice(_space, _area.Start, Pages));
        Assert.All(pinned, i => Assert.True(_space.Lookup(AddressOf(i)).IsPresent));
        pages.ForEach(page => page.Put());
        AssertDataAreThere();
    }

    [Fact]
    public void I50_a_page_that_its_driver_holds_apart_is_told_as_held_when_it_should_come_back()
    {
        Assert.Equal(3, _device.MigrateToDevice(_space, _area.Start, 3));
        Page page = _machine.Space.PfnToPage(_space.Lookup(AddressOf(1)).Pfn);
        page.Get();
        var ops = new Recorder();
        HmmMigration.Migrate(_space, _area.Start, 3, MigrateSelect.DevicePrivate, ops);
        Assert.Equal([AddressOf(1)], ops.Held);
        page.Put();
        AssertDataAreThere();
    }

    [Fact]
    public void I50_a_page_that_its_driver_holds_apart_cannot_come_back_and_the_access_fails()
    {
        _device.MigrateToDevice(_space, _area.Start, 1);
        Page page = _machine.Space.PfnToPage(_space.Lookup(_area.Start).Pfn);
        page.Get();
        Worker.RunWaiting("a page that its driver holds: the access must fail instead", () =>
            Assert.Equal(AccessFault.DeviceFailed, Assert.Throws<AccessFaultException>(() => _space.Read(_area.Start, new byte[1])).Fault));
        page.Put();
        AssertDataAreThere();
    }

    /// <summary>Whether it was this page or another that a driver moved: something was published since, so the access looks again.</summary>
    [Fact]
    public void I50_a_driver_that_first_brings_another_page_back_is_asked_again()
    {
        var driver = new Detour(AddressOf(1));
        HmmDevmem memory = HmmDevmem.Add(driver, _machine.Device, 512);
        var toDevice = new Mover((i, _) =>
        {
            Page page = _machine.Space.PfnToPage(new Pfn(memory.FirstPfn.Value + (ulong)i));
            Assert.True(memory.TryTake(page) && page.TryLock());
            return page;
        });
        Assert.Equal(2, HmmMigration.Migrate(_space, _area.Start, 2, MigrateSelect.System, toDevice));
        long minor = _space.MinorFaults;
        Worker.RunWaiting("a driver that needs two calls", () => _space.Read(_area.Start, new byte[1]));
        Assert.Equal([AddressOf(0), AddressOf(0)], driver.Faults);
        Assert.True(_space.Lookup(AddressOf(0)).IsPresent && _space.Lookup(AddressOf(1)).IsPresent);
        Assert.Equal((1L, 1L), (_space.MinorFaults - minor, _space.MajorFaults));
        // One that says so and moves nothing is not asked for ever.
        Assert.Equal(1, HmmMigration.Migrate(_space, _area.Start, 1, MigrateSelect.System, toDevice));
        driver.Idles = true;
        Worker.RunWaiting("a driver that moves nothing", () =>
            Assert.Equal(AccessFault.DeviceFailed, Assert.Throws<AccessFaultException>(() => _space.Read(_area.Start, new byte[1])).Fault));
        Assert.Equal(3, driver.Faults.Count);
        _space.Unmap(_area);
        Assert.True(memory.Remove());
    }

    [Fact]
    public void I50_a_device_that_fails_in_the_middle_of_a_migration_keeps_no_page_and_the_data_stay_where_they_are()
    {
        long ram = _machine.Space.AllocatedPages;
        FailDevice(() => _device.MigrateToDevice(_space, _area.Start, Pages));
        Assert.Equal((0L, ram), (_device.AllocatedPages, _machine.Space.AllocatedPages));
        AssertDataAreThere();
        Assert.Equal(Pages, _device.MigrateToDevice(_space, _area.Start, Pages));
        Assert.Equal((Pages, ram - Pages), (_device.AllocatedPages, _machine.Space.AllocatedPages));
        FailDevice(() => _device.MigrateToHost(_space, _area.Start, Pages));
        Assert.Equal((Pages, ram - Pages), (_device.AllocatedPages, _machine.Space.AllocatedPages));
        AssertDataAreThere();
        Assert.Equal((0L, ram), (_device.AllocatedPages, _machine.Space.AllocatedPages));
    }

    private void FailDevice(Action call) => FailingMedium.While(_device.Memory.Resource, () => Assert.ThrowsAny<Exception>(call));

    private ulong AddressOf(int page) => _area.Start + ((ulong)page * PageSize);

    private void AssertDataAreThere()
    {
        byte[] read = new byte[1];
        for (int i = 0; i < Pages; i++)
        {
            _space.Read(AddressOf(i), read);
            Assert.Equal((byte)i, read[0]);
        }
    }

    /// <summary>Gives a page for each that is to be moved. What they hold does not matter.</summary>
    private sealed class Mover(Func<int, Area, Page> destination) : MigrateOps
    {
        protected internal override void AllocateAndCopy(Area area, ulong start, ReadOnlySpan<Page> sources, Span<Page> destinations)
        {
            for (int i = 0; i < sources.Length; i++)
                destinations[i] = sources[i].IsNull ? default : destination(i, area);
        }
    }

    /// <summary>Brings another page back at its first call, and the faulting one at the next.</summary>
    private sealed class Detour(ulong other) : HmmDevmemOps
    {
        internal List<ulong> Faults { get; } = [];

        internal bool Idles { get; set; }

        protected internal override void Free(HmmDevmem devmem, Page page)
        {
        }

        protected internal override FaultResult Fault(HmmDevmem devmem, Area area, ulong address, Page page, bool write)
        {
            Faults.Add(address);
            bool first = Faults.Count == 1;
            if (!Idles)
                Assert.Equal(1, HmmMigration.Migrate(area, first ? other : address, 1, MigrateSelect.DevicePrivate, new Mover((_, _) => HmmMigration.AllocateLockedPage(area, address))));
            return first ? FaultResult.Minor : FaultResult.Major;
        }
    }

    /// <summary>Moves nothing.</summary>
    private sealed class Recorder : MigrateOps
    {
        internal List<(ulong Start, int Sources)> Batches { get; } = [];

        internal List<ulong> Held { get; } = [];

        internal override void FoundHeld(ulong address) => Held.Add(address);

        protected internal override void AllocateAndCopy(Area area, ulong start, ReadOnlySpan<Page> sources, Span<Page> destinations)
        {
            Assert.Equal(sources.Length, destinations.Length);
            Batches.Add((start, sources.Length));
        }
    }
}
