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
        AssertFault(AccessFault.Special, area.Start, () => machine.Gup(area.Start, new Page[1], GupFlags.Get, fast));
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
    public void I53_dump_refuses_the_page_of_zeros_and_others_get_it(bool fast)
    {
        using var machine = new GupMachine();
        Area area = machine.Memory.MapAnonymous(2 * PageSize);
        var bytes = new byte[8];
        machine.Memory.Read(area.Start, bytes);
        Assert.True(machine.Memory.Lookup(area.Start).IsSpecial);
        AssertFault(AccessFault.Special, area.Start, () => machine.Gup(area.Start, new Page[1], GupFlags.Get | GupFlags.Dump, fast));
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
        AssertFault(AccessFault.OutOfRange, 0x1000, () => machine.Gup(0x1000, page, GupFlags.Get, fast));
        AssertFault(AccessFault.OutOfRange, 1UL << 60, () => machine.Gup(1UL << 60, page, GupFlags.Get, fast));
        AssertFault(AccessFault.ReadOnly, readOnly.Start, () => machine.Gup(readOnly.Start, page, GupFlags.Get | GupFlags.Write, fast));
        AssertFault(AccessFault.ReadOnly, readOnly.Start, () => machine.Gup(readOnly.Start, page, GupFlags.Get | GupFlags.Write | GupFlags.Force, fast));
        AssertFault(AccessFault.NoAccess, nothing.Start, () => machine.Gup(nothing.Start, page, GupFlags.Get, fast));
        AssertFault(AccessFault.NoAccess, nothing.Start, () => machine.Gup(nothing.Start, page, GupFlags.Get | GupFlags.Write, fast));
        AssertFault(AccessFault.NotPresent, mixed.Start, () => machine.Gup(mixed.Start, page, GupFlags.Get, fast));
        Assert.Throws<ArgumentOutOfRangeException>(() => machine.Gup(mixed.Start, page, (GupFlags)1024, fast));
        Assert.Equal(0, machine.Gup(0x1000, [], GupFlags.Get, fast));

        // The kernel's short count: what comes before the error is found.
        var two = new Page[2];
        Assert.Equal(1, machine.Gup(readOnly.Start, two, GupFlags.Get, fast));
        AddressSpace.PutPages(two);
        AssertFault(AccessFault.OutOfRange, readOnly.End, () => machine.Memory.PinUserPages(readOnly.Start, two).Dispose());
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
        AssertFault(AccessFault.NoAccess, nothing.Start, () => machine.Gup(nothing.Start, page, GupFlags.Get, fast));
        AssertFault(AccessFault.ReadOnly, readOnly.Start, () => machine.Memory.Write(readOnly.Start, [1]));
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
        // Also behind a page that could be had: nothing stays pinned.
        machine.Memory.Write(ram.Start, [1]);
        Assert.Throws<NotSupportedException>(() => machine.Gup(ram.Start, pages, GupFlags.Get | GupFlags.LongTerm, fast));
        machine.AssertNothingPinned();
        Assert.Equal(1, machine.Gup(ram.Start, pages.AsSpan(0, 1), GupFlags.Get | GupFlags.LongTerm, fast));
        Assert.Equal(2, pages[0].Count);
        AddressSpace.PutPages(pages.AsSpan(0, 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I53_a_dying_map_is_not_present_and_nobody_waits(bool fast)
    {
        using var machine = new GupMachine();
        Area area = machine.MapSmall(4);
        machine.Populate(area);
        var page = new Page[1];
        machine.Gup(area.Start, page, GupFlags.Get, fast: true);
        var freezer = new Worker(machine.Disk.Queue.Freeze); // Ends with our pin.
        Worker.AwaitTrue(() => machine.Disk.Queue.Usage.IsDying);
        Worker.Run(() =>
        {
            AssertFault(AccessFault.NotPresent, area.Start, () => machine.Gup(area.Start, new Page[1], GupFlags.Get, fast));
            AssertFault(AccessFault.NotPresent, area.Start, () => machine.Memory.Read(area.Start, new byte[1]));
        });
        AddressSpace.PutPages(page);
        freezer.Join();
        machine.Disk.Queue.Unfreeze();
        machine.Gup(area.Start, page, GupFlags.Get, fast);
        AddressSpace.PutPages(page);
    }

    [Fact]
    public void I53_a_null_pagemap_in_the_middle_undoes_exactly_this_batch()
    {
        using var machine = new GupMachine();
        machine.Device.Unbind();
        using var first = new PercpuRef();
        using var second = new PercpuRef();
        // Two maps in two sections, and one batch of entries across both.
        machine.Device.DevmMemremapPages(new PfnRange(GupMachine.First, 1024), first);
        machine.Device.DevmMemremapPages(new PfnRange(new Pfn(GupMachine.First.Value + 32768), 1024), second);
        Area area = machine.Memory.MapMixed(1536 * PageSize, address: 8 * GupMachine.LargeSize);
        for (ulong i = 0; i < 1024; i++)
        {
            ulong pfn = GupMachine.First.Value + (i < 800 ? i : 32768 + i);
            machine.Memory.InsertPfn(area, area.Start + (i * PageSize), new Pfn(pfn), PfnFlags.Device | PfnFlags.Mapped);
        }
        var pages = new Page[1024];
        Assert.Equal(1024, machine.Memory.GetUserPagesFast(area.Start, pages));
        AddressSpace.PutPages(pages.AsSpan(1));
        second.Kill();
        // The first batch of 512 stays, 288 of the second are undone by the fast way and found by the slow one.
        Assert.Equal(512, machine.Memory.WalkFast<RunPin>(area.Start, pages.AsSpan(), GupFlags.Get, out _));
        AddressSpace.PutPages(pages.AsSpan(0, 512));
        Assert.Equal(800, machine.Memory.GetUserPagesFast(area.Start, pages));
        AddressSpace.PutPages(pages.AsSpan(0, 800));
        AssertFault(AccessFault.NotPresent, area.Start + (800 * PageSize), () => machine.Memory.PinUserPages(area.Start, pages).Dispose());
        first.Kill();
        Assert.False(first.IsZero); // One pin, of the first round, is still out.
        AddressSpace.PutPages([machine.Space.PfnToPage(GupMachine.First)]);
        Assert.True(first.IsZero);
        Assert.True(second.IsZero);
        machine.Memory.Discard(area.Start, area.Length);
        machine.Device.Remove();
    }

    [Fact]
    public void I53_a_frame_that_its_map_has_reserved_cannot_be_mapped()
    {
        using var machine = new GupMachine();
        machine.Device.Unbind();
        using var reference = new PercpuRef();
        var range = new PfnRange(GupMachine.First, 32768);
        DevPagemap map = machine.Device.DevmMemremapPages(range, reference, new VmemAltmap(range.Start, 2, 1022)).Pagemap!;
        Area area = machine.Memory.MapMixed(4 * PageSize);
        const PfnFlags page = PfnFlags.Device | PfnFlags.Mapped;
        Assert.Throws<ArgumentException>("pfn", () => machine.Memory.InsertPfn(area, area.Start, new Pfn(map.FirstPfn.Value - 1), page));
        machine.Memory.InsertPfn(area, area.Start, map.FirstPfn, page);
        machine.Memory.PinUserPages(area.Start, new Page[1]).Dispose();
        reference.Kill();
        Assert.True(reference.WaitForRelease(TimeSpan.FromSeconds(30)));
        machine.Memory.Discard(area.Start, area.Length);
        machine.Device.Remove();
    }

    [Fact]
    public void A_frame_that_no_entry_can_name_and_a_device_as_RAM_cannot_be_mapped()
    {
        using var machine = new GupMachine();
        Area area = machine.Memory.MapMixed(PageSize);
        void Insert(ulong pfn, PfnFlags flags) => machine.Memory.InsertPfn(area, area.Start, new Pfn(pfn), flags);
        Assert.Throws<ArgumentOutOfRangeException>("pfn", () => Insert(Pfn.MaxValue + 1, PfnFlags.Device));
        Assert.Throws<ArgumentOutOfRangeException>("flags", () => Insert(1, PfnFlags.Mapped));
        Assert.Throws<ArgumentOutOfRangeException>("flags", () => Insert(1, (PfnFlags)64));
        Assert.Throws<ArgumentException>("pfn", () => Insert(GupMachine.First.Value, PfnFlags.None));
        Assert.Throws<InvalidOperationException>(() => Insert(1, PfnFlags.None)); // A free page of RAM.
        Assert.True(machine.Memory.Lookup(area.Start).IsNone);
        Insert(Pfn.MaxValue, PfnFlags.Device);
        Assert.Equal(Pfn.MaxValue, machine.Memory.Lookup(area.Start).Pfn.Value);
    }

    [Fact]
    public void An_exception_of_a_free_callback_keeps_no_other_page_pinned_or_mapped()
    {
        using var machine = new GupMachine();
        machine.Device.Unbind();
        using var reference = new PercpuRef();
        int freed = 0;
        machine.Device.DevmMemremapPages(new PfnRange(GupMachine.First, 512), reference, null, _ => throw new FormatException($"{freed++}"));
        Area area = machine.Memory.MapMixed(4 * PageSize);
        for (ulong i = 0; i < 4; i++)
            machine.Memory.InsertPfn(area, area.Start + (i * PageSize), new Pfn(GupMachine.First.Value + i), PfnFlags.Device | PfnFlags.Mapped);
        var pages = new Page[4];
        Assert.Equal(4, machine.Memory.GetUserPagesFast(area.Start, pages));
        Assert.Equal(4, Assert.Throws<AggregateException>(() => AddressSpace.PutPages(pages)).InnerExceptions.Count);
        Assert.Equal(4, freed);
        Assert.All(pages, page => Assert.Equal(1, page.Count));
        machine.Memory.Unmap(area);
        reference.Kill();
        Assert.True(reference.IsZero);
        machine.Device.Remove();
    }

    [Fact]
    public void After_disposal_every_call_says_so()
    {
        using var machine = new GupMachine();
        AddressSpace memory = machine.Memory;
        Area area = machine.MapSmall(4);
        machine.Populate(area);
        memory.Dispose();
        memory.Dispose();
        Action[] calls =
        [
            () => memory.MapAnonymous(PageSize), () => memory.Discard(area.Start, PageSize), () => memory.Discard(0, 0), () => memory.MarkNumaHints(0, PageSize),
            () => memory.Read(area.Start, new byte[1]), () => memory.Write(area.Start, new byte[1]), () => memory.Lookup(0),
            () => memory.GetUserPages(area.Start, new Page[1]), () => memory.GetUserPagesFast(area.Start, new Page[1]), () => memory.PinUserPages(area.Start, new Page[1]).Dispose(),
        ];
        Assert.All(calls, call => Assert.Throws<ObjectDisposedException>(call));
        Assert.Throws<ArgumentException>("area", () => memory.Unmap(area));
        Assert.Null(memory.FindArea(area.Start));
    }

    private static void AssertFault(AccessFault fault, ulong address, Action action)
    {
        AccessFaultException thrown = Assert.Throws<AccessFaultException>(action);
        Assert.Equal(fault, thrown.Fault);
        Assert.Equal(address, thrown.Address);
    }
}
