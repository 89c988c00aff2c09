using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Gup;

public sealed class GetUserPagesTests
{
    private const ulong PageSize = GupMachine.PageSize;

    [Theory]
    [InlineData(false, false, 1)]
    [InlineData(true, false, 1)]
    [InlineData(false, true, 1)]
    [InlineData(true, true, 1)]
    [InlineData(true, false, 700)]
    [InlineData(true, true, 700)]
    [InlineData(false, true, 700)]
    public void I53_a_pin_is_one_reference_of_the_map_and_page_counts_stay_1(bool fast, bool large, int count)
    {
        using var machine = new GupMachine();
        Area area = large ? machine.MapLarge(2) : machine.MapSmall(1024);
        machine.Populate(area);
        Assert.Equal(large, machine.Memory.Lookup(area.Start).IsLarge);
        Assert.True(machine.Memory.Lookup(area.Start + PageSize).IsDevmap);
        var pages = new Page[count];
        Assert.Equal(count, machine.Gup(area.Start + (5 * PageSize) + 123, pages, GupFlags.Get, fast));
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(GupMachine.First.Value + 5 + (ulong)i, machine.Space.PageToPfn(pages[i]).Value);
            Assert.Equal(1, pages[i].Count);
        }
        var freezer = new Worker(machine.Disk.Queue.Freeze);
        Worker.AwaitTrue(() => machine.Disk.Queue.Usage.IsDying);
        // All but one go back: the freeze still waits.
        AddressSpace.PutPages(pages.AsSpan(1));
        Assert.False(machine.Disk.Queue.Usage.IsZero);
        AddressSpace.PutPages(pages.AsSpan(0, 1));
        freezer.Join();
        machine.Disk.Queue.Unfreeze();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I53_where_pages_are_counted_each_page_is_and_the_map_is_let_go(bool fast)
    {
        using var machine = new GupMachine(mapPages: false);
        machine.Device.Unbind();
        var freed = new List<ulong>();
        using var reference = new PercpuRef();
        DeviceMapping mapping = machine.Device.DevmMemremapPages(
            new PfnRange(GupMachine.First, 1024), reference, null, page => freed.Add(machine.Space.PageToPfn(page).Value));
        Area area = machine.Memory.MapMixed(1024 * PageSize);
        for (ulong i = 0; i < 600; i++)
            machine.Memory.InsertPfn(area, area.Start + (i * PageSize), new Pfn(GupMachine.First.Value + i), PfnFlags.Device | PfnFlags.Mapped);

        var pages = new Page[600];
        Assert.Null(Caught.By(() => Assert.Equal(600, machine.Gup(area.Start, pages, GupFlags.Get, fast))));
        Assert.All(pages, page => Assert.Equal(2, page.Count));
        pages[3].Get();
        AddressSpace.PutPages(pages);
        Assert.Equal(599, freed.Count);
        Assert.Equal(2, pages[3].Count);
        pages[3].Put();
        Assert.Equal(600, freed.Count);
        Assert.Null(Caught.By(() =>
        {
            using PinnedPages pinned = machine.Memory.PinUserPages(area.Start, pages);
            Assert.All(pinned.Pages.ToArray(), page => Assert.Equal(2, page.Count));
        }));
        Assert.All(pages, page => Assert.Equal(1, page.Count));
        reference.Kill();
        Assert.True(reference.WaitForRelease(TimeSpan.FromSeconds(60)), "The map is still held.");
        Assert.True(mapping.Release());
        machine.Memory.Discard(area.Start, area.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I53_pages_of_a_device_are_given_out_only_with_the_get_flag(bool large)
    {
        using var machine = new GupMachine();
        Area area = large ? machine.MapLarge(1) : machine.MapSmall(4);
        var pages = new Page[4];
        Assert.Equal(4, machine.Memory.GetUserPages(area.Start, pages, GupFlags.Touch));
        Assert.All(pages, page => Assert.True(page.IsNull));
        Assert.True(machine.Memory.Lookup(area.Start).IsAccessed);
        machine.AssertNothingPinned();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I53_a_mapping_that_is_not_mapped_is_never_pinned_as_a_devices(bool fast)
    {
        using var machine = new GupMachine(mapPages: false);
        Area area = machine.MapSmall(4);
        machine.Populate(area);
        PageTableEntry entry = machine.Memory.Lookup(area.Start);
        Assert.True(entry.IsSpecial);
        Assert.False(entry.IsDevmap);
        GupMachine.AssertFault(AccessFault.Special, area.Start, () => machine.Gup(area.Start, new Page[1], GupFlags.Get, fast));
        // The bytes are there all the same.
        machine.Memory.Write(area.Start + 10, [1, 2, 3]);
        var bytes = new byte[3];
        using (DirectMapping direct = machine.Disk.DirectAccess(0))
            direct.Span.Slice(10, 3).CopyTo(bytes);
        Assert.Equal([1, 2, 3], bytes);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void I53_touch_marks_accessed_and_for_write_dirty(bool fast, bool large)
    {
        using var machine = new GupMachine();
        Area area = large ? machine.MapLarge(1) : machine.MapSmall(16);
        machine.Populate(area, write: true);
        var pages = new Page[4];
        machine.Gup(area.Start, pages, GupFlags.Get, fast);
        Assert.All(pages, page => Assert.Equal(PageFlags.None, page.Flags & (PageFlags.Accessed | PageFlags.Dirty)));
        Assert.False(machine.Memory.Lookup(area.Start).IsAccessed);
        AddressSpace.PutPages(pages);

        machine.Gup(area.Start, pages, GupFlags.Get | GupFlags.Touch, fast);
        Assert.All(pages, page => Assert.Equal(PageFlags.Accessed, page.Flags & (PageFlags.Accessed | PageFlags.Dirty)));
        Assert.All(Entries(), entry => Assert.True(entry is { IsAccessed: true, IsDirty: false }));
        AddressSpace.PutPages(pages);

        machine.Gup(area.Start, pages, GupFlags.Get | GupFlags.Touch | GupFlags.Write, fast);
        Assert.All(pages, page => Assert.Equal(PageFlags.Accessed | PageFlags.Dirty, page.Flags & (PageFlags.Accessed | PageFlags.Dirty)));
        Assert.All(Entries(), entry => Assert.True(entry is { IsAccessed: true, IsDirty: true }));
        AddressSpace.PutPages(pages);
        Assert.Equal(PageFlags.None, machine.Space.PfnToPage(new Pfn(GupMachine.First.Value + 4)).Flags & PageFlags.Accessed);
        if (!large)
            Assert.False(machine.Memory.Lookup(area.Start + (4 * PageSize)).IsAccessed);

        IEnumerable<PageTableEntry> Entries() => Enumerable.Range(0, pages.Length).Select(page => machine.Memory.Lookup(area.Start + ((ulong)page * PageSize)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I53_a_batch_of_one_page_is_marked_and_limited_as_any_other(bool large)
    {
        using var machine = new GupMachine();
        Area area = large ? machine.MapLarge(1) : machine.MapSmall(4);
        machine.Populate(area, write: true);
        var page = new Page[1];
        machine.Memory.PinUserPages(area.Start, page).Dispose();
        Assert.False(machine.Memory.Lookup(area.Start).IsAccessed);
        machine.Memory.PinUserPages(area.Start, page, GupFlags.Get | GupFlags.Touch).Dispose();
        Assert.True(machine.Memory.Lookup(area.Start) is { IsAccessed: true, IsDirty: false });
        machine.Memory.PinUserPages(area.Start, page, GupFlags.Get | GupFlags.Touch | GupFlags.Write).Dispose();
        Assert.True(machine.Memory.Lookup(area.Start).IsDirty);
        Assert.Equal(PageFlags.Accessed | PageFlags.Dirty, machine.Space.PfnToPage(GupMachine.First).Flags & (PageFlags.Accessed | PageFlags.Dirty));
        // The tables would find the same entry for an address whose higher bits they leave out.
        ulong beyond = area.Start + (1UL << AddressSpace.AddressBits);
        GupMachine.AssertFault(AccessFault.OutOfRange, beyond, () => machine.Memory.PinUserPages(beyond, page).Dispose());
        GupMachine.AssertFault(AccessFault.OutOfRange, beyond, () => machine.Memory.GetUserPagesFast(beyond, page));
        machine.AssertNothingPinned();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I53_dump_refuses_the_page_of_zeros_and_others_get_it(bool fast)
    {
        using var machine = new GupMachine();
        Area area = machine.Memory.MapAnonymous(2 * PageSize);
        var bytes = new byte[8];
        machine.Memory.Read(area.Start, bytes);
        Assert.True(machine.Memory.Lookup(area.Start).IsSpecial);
        GupMachine.AssertFault(AccessFault.Special, area.Start, () => machine.Gup(area.Start, new Page[1], GupFlags.Get | GupFlags.Dump, fast));
        var page = new Page[1];
        machine.Gup(area.Start, page, GupFlags.Get, fast);
        Assert.False(page[0].IsNull);
        // Whoever writes gets a page of his own.
        var own = new Page[1];
        machine.Gup(area.Start, own, GupFlags.Get | GupFlags.Write, fast);
        Assert.NotEqual(page[0], own[0]);
        Assert.Equal(2, own[0].Count);
        AddressSpace.PutPages(page);
        AddressSpace.PutPages(own);
        Assert.Equal(1, own[0].Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I53_each_error_has_its_own_reason(bool fast)
    {
        using var machine = new GupMachine();
        var page = new Page[1];
        Area readOnly = machine.MapSmall(1, AreaAccess.Read);
        Area nothing = machine.Memory.MapAnonymous(PageSize, AreaAccess.None);
        Area mixed = machine.Memory.MapMixed(PageSize);
        GupMachine.AssertFault(AccessFault.OutOfRange, 0x1000, () => machine.Gup(0x1000, page, GupFlags.Get, fast));
        GupMachine.AssertFault(AccessFault.OutOfRange, 1UL << 60, () => machine.Gup(1UL << 60, page, GupFlags.Get, fast));
        GupMachine.AssertFault(AccessFault.ReadOnly, readOnly.Start, () => machine.Gup(readOnly.Start, page, GupFlags.Get | GupFlags.Write, fast));
        GupMachine.AssertFault(AccessFault.ReadOnly, readOnly.Start, () => machine.Gup(readOnly.Start, page, GupFlags.Get | GupFlags.Write | GupFlags.Force, fast));
        GupMachine.AssertFault(AccessFault.NoAccess, nothing.Start, () => machine.Gup(nothing.Start, page, GupFlags.Get, fast));
        GupMachine.AssertFault(AccessFault.NoAccess, nothing.Start, () => machine.Gup(nothing.Start, page, GupFlags.Get | GupFlags.Write, fast));
        GupMachine.AssertFault(AccessFault.NotPresent, mixed.Start, () => machine.Gup(mixed.Start, page, GupFlags.Get, fast));
        Assert.Throws<ArgumentOutOfRangeException>(() => machine.Gup(mixed.Start, page, (GupFlags)1024, fast));
        Assert.Equal(0, machine.Gup(0x1000, [], GupFlags.Get, fast));

        // The kernel's short count: what comes before the error is found.
        var two = new Page[2];
        Assert.Equal(1, machine.Gup(readOnly.Start, two, GupFlags.Get, fast));
        AddressSpace.PutPages(two);
        GupMachine.AssertFault(AccessFault.OutOfRange, readOnly.End, () => machine.Memory.PinUserPages(readOnly.Start, two).Dispose());
        machine.AssertNothingPinned();
        machine.Memory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => machine.Gup(readOnly.Start, page, GupFlags.Get, fast));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I53_force_reads_and_writes_private_memory_that_forbids_it(bool fast)
    {
        using var machine = new GupMachine();
        Area nothing = machine.Memory.MapAnonymous(PageSize, AreaAccess.None);
        Area readOnly = machine.Memory.MapAnonymous(PageSize, AreaAccess.Read);
        var page = new Page[1];
        foreach (Area area in new[] { nothing, readOnly })
        {
            machine.Gup(area.Start, page, GupFlags.Get | GupFlags.Write | GupFlags.Force, fast);
            machine.Space.Memory(page[0])[0] = 42;
            AddressSpace.PutPages(page);
            Assert.False(machine.Memory.Lookup(area.Start).IsWritable);
        }
        // What force made present stays out of reach for others.
        GupMachine.AssertFault(AccessFault.NoAccess, nothing.Start, () => machine.Gup(nothing.Start, page, GupFlags.Get, fast));
        GupMachine.AssertFault(AccessFault.ReadOnly, readOnly.Start, () => machine.Memory.Write(readOnly.Start, [1]));
        var read = new byte[1];
        machine.Memory.Read(readOnly.Start, read);
        Assert.Equal(42, read[0]);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void I53_a_numa_hint_faults_once_and_not_with_force(bool fast, bool large)
    {
        using var machine = new GupMachine();
        Area area = large ? machine.MapLarge(1) : machine.MapSmall(4);
        machine.Populate(area);
        Assert.Equal(large ? 1 : 4, machine.Memory.MarkNumaHints(area.Start, area.Length));
        long faults = machine.Memory.MinorFaults;
        var page = new Page[1];
        machine.Gup(area.Start, page, GupFlags.Get | GupFlags.Force, fast);
        AddressSpace.PutPages(page);
        Assert.True(machine.Memory.Lookup(area.Start).IsProtNone);
        Assert.Equal(faults, machine.Memory.MinorFaults);
        machine.Gup(area.Start, page, GupFlags.Get, fast);
        AddressSpace.PutPages(page);
        Assert.False(machine.Memory.Lookup(area.Start).IsProtNone);
        Assert.Equal(faults + 1, machine.Memory.MinorFaults);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Long_term_pins_of_a_disks_file_are_refused_and_of_ram_are_not(bool fast)
    {
        using var machine = new GupMachine();
        Area dax = machine.MapSmall(4);
        machine.Populate(dax);
        Area ram = machine.Memory.MapAnonymous(PageSize, address: dax.Start - PageSize);
        var pages = new Page[3];
        Assert.Throws<NotSupportedException>(() => machine.Gup(dax.Start, pages, GupFlags.Get | GupFlags.LongTerm, fast));
        var single = new Page[1]; // One page has a walk of its own.
        Assert.Throws<NotSupportedException>(() => machine.Gup(dax.Start, single, GupFlags.Get | GupFlags.LongTerm, fast));
        Assert.Throws<NotSupportedException>(() => machine.Memory.PinUserPages(dax.Start, single, GupFlags.Get | GupFlags.LongTerm));
        // Also behind a page that could be had: nothing stays pinned.
        machine.Memory.Write(ram.Start, [1]);
        Assert.Throws<NotSupportedException>(() => machine.Gup(ram.Start, pages, GupFlags.Get | GupFlags.LongTerm, fast));
        machine.AssertNothingPinned();
        Assert.Equal(1, machine.Gup(ram.Start, pages.AsSpan(0, 1), GupFlags.Get | GupFlags.LongTerm, fast));
        Assert.Equal(2, pages[0].Count);
        AddressSpace.PutPages(pages.AsSpan(0, 1));
    }
}
