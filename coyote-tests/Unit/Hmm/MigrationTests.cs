using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Hmm;

/// <summary>Pages of an address space moved into a device and back.</summary>
public sealed class MigrationTests : IDisposable
{
    private const ulong PageSize = 4096;
    private const int Pages = 200;

    private readonly TestMachine _machine = new();
    private readonly AddressSpace _space;
    private readonly HmmDevice _device;
    private readonly Area _area;
    private readonly byte[] _data = new byte[Pages * (int)PageSize];

    public MigrationTests()
    {
        _machine.CheckAccess();
        _space = new AddressSpace(_machine.Table);
        _device = HmmDevice.Add(_machine.Device, 512);
        _area = _space.MapAnonymous(Pages * PageSize);
        new Random(7).NextBytes(_data);
        _space.Write(_area.Start, _data);
    }

    public void Dispose()
    {
        _machine.Dispose(_space);
        if (!_machine.HasFailed)
            Assert.Equal((0, 0), (_device.AllocatedPages, _machine.Space.AllocatedPages));
        _machine.Dispose();
    }

    [Fact]
    public void I50_pages_move_to_the_device_and_an_access_brings_them_back()
    {
        Assert.Equal(Pages, _device.MigrateToDevice(_space, _area.Start, Pages));
        Assert.Equal(Pages, _device.AllocatedPages);
        Assert.Equal(0, _machine.Space.AllocatedPages);
        PageTableEntry entry = _space.Lookup(_area.Start);
        Assert.True(entry.IsDevicePrivate && !entry.IsPresent);
        Assert.Equal(2, _machine.Space.PfnToPage(entry.Pfn).Count);

        var read = new byte[100];
        _space.Read(_area.Start + 20 * PageSize + 4090, read);
        Assert.True(read.AsSpan().SequenceEqual(_data.AsSpan(20 * 4096 + 4090, 100)));
        Assert.Equal(1, _space.MajorFaults); // One fault brought 64 KiB back.
        Assert.Equal(Pages - 16, _device.AllocatedPages);
        MustHoldTheData();
        Assert.Equal(0, _device.AllocatedPages);
        Assert.Equal(0, _device.MigrateToHost(_space, _area.Start, Pages));
    }

    [Fact]
    public void I50_a_write_to_a_migrated_page_is_kept()
    {
        _device.MigrateToDevice(_space, _area.Start, Pages);
        _space.Write(_area.Start + 4095, [1, 2]);
        _data[4095] = 1;
        _data[4096] = 2;
        _device.MigrateToDevice(_space, _area.Start, Pages);
        MustHoldTheData();
    }

    [Fact]
    public void I50_a_pin_brings_a_page_back_and_a_pinned_page_does_not_move()
    {
        _device.MigrateToDevice(_space, _area.Start, Pages);
        var pages = new Page[3];
        Assert.Equal(3, _space.GetUserPages(_area.Start + 5 * PageSize, pages));
        Assert.All(pages, page => Assert.False(page.Flags.HasFlag(PageFlags.Unaddressable)));
        Assert.True(_machine.Space.Memory(pages[1]).SequenceEqual(_data.AsSpan(6 * 4096, 4096)));
        Assert.Equal(13, _device.MigrateToDevice(_space, _area.Start, 16)); // All but the pinned ones.
        Assert.True(_space.Lookup(_area.Start + 6 * PageSize).IsPresent);
        AddressSpace.PutPages(pages);
        Assert.Equal(3, _device.MigrateToDevice(_space, _area.Start, 16));
        MustHoldTheData();
    }

    [Fact]
    public void I50_migration_moves_what_there_is_room_for()
    {
        var taken = new List<Page>();
        while (_device.TryAllocatePage() is { IsNull: false } page)
            taken.Add(page);
        Assert.Equal(0, _device.MigrateToDevice(_space, _area.Start, Pages));
        taken[0].Put();
        taken[1].Put();
        Assert.Equal(2, _device.MigrateToDevice(_space, _area.Start, Pages));
        MustHoldTheData();
        taken.Skip(2).ToList().ForEach(page => page.Put());
    }

    [Fact]
    public void I50_without_room_in_RAM_the_faulting_page_fails_and_stays_in_the_device()
    {
        _device.MigrateToDevice(_space, _area.Start, Pages);
        var taken = new List<Page>();
        while (_machine.Space.AllocatedPages < (long)TestMachine.Ram.Length)
            taken.Add(_machine.Space.AllocatePage());
        Worker.RunWaiting("a page for which there is no room: the access must fail instead", () => Assert.Throws<InsufficientMemoryException>(() => _space.Read(_area.Start, new byte[1])));
        Assert.True(_space.Lookup(_area.Start).IsDevicePrivate);
        taken[0].Put(); // Room for one page: it goes to the faulting one, not to a neighbour before it.
        var read = new byte[1];
        Worker.RunWaiting("the page for which there is room", () => _space.Read(_area.Start + 9 * PageSize, read));
        Assert.Equal(_data[9 * 4096], read[0]);
        Assert.Equal(Pages - 1, _device.AllocatedPages);
        taken.Skip(1).ToList().ForEach(page => page.Put());
        MustHoldTheData();
    }

    [Fact]
    public void I50_unmapping_frees_pages_in_the_device()
    {
        _device.MigrateToDevice(_space, _area.Start, Pages);
        _space.Unmap(_area);
        Assert.Equal(0, _device.AllocatedPages);
        Assert.Equal(0, _device.MigrateToHost(_space, _area.Start, Pages));
    }

    [Fact]
    public void I50_the_hint_of_a_fault_may_be_stale()
    {
        _device.MigrateToDevice(_space, _area.Start, 2);
        Page stale = _machine.Space.PfnToPage(_space.Lookup(_area.Start + PageSize).Pfn);
        Assert.Equal(FaultResult.Major, _device.Fault(_device.Memory, _area, _area.Start, stale, write: false));
        Assert.Equal(FaultResult.Minor, _device.Fault(_device.Memory, _area, _area.Start, stale, write: false)); // It is back already.
        MustHoldTheData();
    }

    [Fact]
    public void I50_removal_waits_until_the_mapped_pages_came_back_and_serves_their_faults()
    {
        _device.MigrateToDevice(_space, _area.Start, Pages);
        var remover = new Worker(() => _device.Memory.Remove());
        Worker.AwaitTrue(() => _device.Memory.Reference.IsDying);
        Assert.False(remover.Thread.Join(30));
        Assert.Equal(0, _device.MigrateToDevice(_space, _area.Start, Pages));
        MustHoldTheData();
        remover.Join();
    }

    [Fact]
    public void I50_devices_in_one_area_bring_back_their_own_pages()
    {
        HmmDevice other = HmmDevice.Add(_machine.Device, 512);
        for (int i = 0; i < Pages; i++)
            Assert.Equal(1, (i % 2 == 0 ? _device : other).MigrateToDevice(_space, _area.Start + (ulong)i * PageSize, 1));
        Assert.Equal(Pages / 2, other.AllocatedPages);
        _space.Read(_area.Start, new byte[1]);
        Assert.Equal(Pages / 2, other.AllocatedPages);
        Assert.Equal(Pages / 2, other.MigrateToHost(_space, _area.Start, Pages));
        MustHoldTheData();
    }

    [Fact]
    public void I50_what_cannot_be_moved_is_left_alone()
    {
        Area zeros = _space.MapAnonymous(4 * PageSize);
        _space.Read(zeros.Start, new byte[1]); // The page of zeros.
        Assert.Equal(0, _device.MigrateToDevice(_space, zeros.Start, 4));
        Assert.True(_space.Lookup(zeros.Start).IsSpecial);
        Assert.Equal(Pages, _device.MigrateToDevice(_space, 0, 1 << 20)); // Over holes and areas.
        _space.Write(zeros.Start, [5]);
        Assert.Equal(1, HmmMigration.Migrate(zeros, zeros.Start, 4, MigrateSelect.System, new Copier(_device)));
    }

    [Fact]
    public void I50_after_an_exception_of_the_driver_everything_is_where_it_was()
    {
        var ops = new Copier(_device) { FailAt = 3 };
        Assert.Throws<FormatException>(() => HmmMigration.Migrate(_space, _area.Start, Pages, MigrateSelect.System, ops));
        Assert.Equal(0, _device.AllocatedPages);
        Assert.True(_space.Lookup(_area.Start).IsPresent);
        MustHoldTheData();
        ops = new Copier(_device) { FailFinal = true };
        Assert.Throws<FormatException>(() => HmmMigration.Migrate(_space, _area.Start, 8, MigrateSelect.System, ops));
        Assert.Equal(8, _device.AllocatedPages); // By then they had moved.
        Assert.Equal(Pages - 8, _machine.Space.AllocatedPages);
        MustHoldTheData();
    }

    [Theory]
    [InlineData("not locked")]
    [InlineData("no source")]
    [InlineData("another space")]
    public void I50_a_destination_the_driver_may_not_give_is_an_error_and_nothing_has_moved(string mistake)
    {
        using var elsewhere = new TestMachine();
        _space.Discard(_area.Start, PageSize); // The first has no source.
        _data.AsSpan(0, 4096).Clear();
        var ops = new Filler((sources, destinations) =>
        {
            int i = mistake == "no source" ? 0 : 1;
            Assert.Equal(mistake == "no source", sources[i].IsNull);
            destinations[i] = mistake == "another space" ? elsewhere.Space.AllocatePage() : _device.TryAllocatePage();
            if (mistake != "not locked")
                destinations[i].TryLock();
        });
        Exception? thrown = Record.Exception(() => HmmMigration.Migrate(_space, _area.Start, 4, MigrateSelect.System, ops));
        Assert.IsType(mistake == "another space" ? typeof(ArgumentException) : typeof(InvalidOperationException), thrown);
        Assert.Equal(0, _device.AllocatedPages);
        Assert.Equal(0, elsewhere.Space.AllocatedPages);
        Assert.True(_space.Lookup(_area.Start + PageSize) is { IsPresent: true, IsClaimed: false });
        MustHoldTheData();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void I50_an_exception_of_a_free_callback_loses_no_other_page_at_unmapping(bool unmap)
    {
        HmmDevmem memory = HmmDevmem.Add(new Thrower(), _machine.Device, 512);
        var pages = new List<Page>();
        var ops = new Filler((sources, destinations) =>
        {
            for (int i = 0; i < sources.Length; i++)
            {
                destinations[i] = _machine.Space.PfnToPage(new Pfn(memory.FirstPfn.Value + (ulong)i));
                Assert.True(memory.TryTake(destinations[i]) && destinations[i].TryLock());
                pages.Add(destinations[i]);
            }
        });
        using var other = new AddressSpace(_machine.Table);
        Area area = other.MapAnonymous(3 * PageSize);
        other.Write(area.Start, new byte[3 * PageSize]);
        Assert.Equal(3, HmmMigration.Migrate(other, area.Start, 3, MigrateSelect.System, ops));
        Assert.Equal(3, Assert.Throws<AggregateException>(unmap ? () => other.Unmap(area) : other.Dispose).InnerExceptions.Count);
        Assert.All(pages, page => Assert.Equal(1, page.Count));
        Assert.True(memory.Remove());
    }

    [Fact]
    public void I50_dirty_and_accessed_survive_a_journey()
    {
        Assert.True(_space.Lookup(_area.Start) is { IsDirty: true, IsAccessed: true, IsWritable: true });
        _device.MigrateToDevice(_space, _area.Start, 1);
        _device.MigrateToHost(_space, _area.Start, 1);
        Assert.True(_space.Lookup(_area.Start) is { IsDirty: true, IsAccessed: true, IsWritable: true, IsPresent: true });
    }

    [Fact]
    public void I50_a_locked_page_for_an_address()
    {
        Page page = HmmMigration.AllocateLockedPage(_area, _area.Start);
        Assert.False(page.TryLock());
        Assert.Equal(1, page.Count);
        page.Unlock();
        page.Put();
        Assert.Throws<ArgumentOutOfRangeException>("address", () => HmmMigration.AllocateLockedPage(_area, _area.End));
        Assert.Throws<ArgumentNullException>("area", () => HmmMigration.AllocateLockedPage(null!, 0));
    }

    [Fact]
    public void Bad_ranges_are_refused()
    {
        var ops = new Copier(_device);
        Assert.Throws<ArgumentOutOfRangeException>("start", () => _device.MigrateToDevice(_space, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>("start", () => _device.MigrateToDevice(_space, 1UL << 48, 1));
        Assert.Throws<ArgumentOutOfRangeException>("pages", () => _device.MigrateToDevice(_space, _area.Start, 1UL << 36));
        Assert.Throws<ArgumentOutOfRangeException>("pages", () => HmmMigration.Migrate(_area, _area.Start, Pages + 1, MigrateSelect.System, ops));
        Assert.Throws<ArgumentNullException>("space", () => _device.MigrateToDevice(null!, 0, 1));
        Assert.Throws<ArgumentNullException>("ops", () => HmmMigration.Migrate(_space, 0, 1, MigrateSelect.System, null!));
        using (EpochDomain.Shared.Enter())
            Assert.Throws<InvalidOperationException>(() => _device.MigrateToDevice(_space, _area.Start, 1));
        MustHoldTheData();
    }

    private void MustHoldTheData()
    {
        var read = new byte[_data.Length];
        _space.Read(_area.Start, read);
        Assert.True(read.AsSpan().SequenceEqual(_data));
    }
}
