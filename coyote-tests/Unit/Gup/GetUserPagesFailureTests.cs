using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Gup;

/// <summary>What goes away in the middle, and what can never be given out.</summary>
public sealed class GetUserPagesFailureTests
{
    private const ulong PageSize = GupMachine.PageSize;

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
            GupMachine.AssertFault(AccessFault.NotPresent, area.Start, () => machine.Gup(area.Start, new Page[1], GupFlags.Get, fast));
            GupMachine.AssertFault(AccessFault.NotPresent, area.Start, () => machine.Memory.Read(area.Start, new byte[1]));
        });
        AddressSpace.PutPages(page);
        freezer.Join();
        machine.Disk.Queue.Unfreeze();
        machine.Gup(area.Start, page, GupFlags.Get, fast);
        AddressSpace.PutPages(page);
    }

    /// <summary>What the fast way does with a batch in the middle of which a map is going away, and another was killed since it was pinned.</summary>
    [Fact]
    public void I53_a_release_that_throws_while_a_batch_is_undone_leaves_no_batch_before_it_pinned()
    {
        using var machine = new GupMachine();
        machine.Device.Unbind();
        using var first = new PercpuRef(static _ => throw new FormatException());
        using var second = new PercpuRef();
        machine.Device.DevmMemremapPages(new PfnRange(GupMachine.First, 512), first);
        machine.Device.DevmMemremapPages(new PfnRange(new Pfn(GupMachine.First.Value + 32768), 512), second);
        Area area = machine.Memory.MapMixed(2 * PageSize, address: 8 * GupMachine.LargeSize);
        machine.Memory.InsertPfn(area, area.Start, GupMachine.First, PfnFlags.Device | PfnFlags.Mapped);
        machine.Memory.InsertPfn(area, area.Start + PageSize, new Pfn(GupMachine.First.Value + 32768), PfnFlags.Device | PfnFlags.Mapped);
        var pages = new Page[2];
        Assert.Equal(2, machine.Memory.GetUserPagesFast(area.Start, pages));
        first.Kill();
        Assert.Throws<FormatException>(() => FastWalk.PutAll(pages.AsSpan(0, 1), pages.AsSpan(1, 1)));
        second.Kill();
        Assert.True(first.IsZero && second.IsZero);
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
        Assert.Equal(512, FastWalk.Pin(machine.Memory, area.Start, pages.AsSpan(), GupFlags.Get, out _));
        AddressSpace.PutPages(pages.AsSpan(0, 512));
        Assert.Equal(800, machine.Memory.GetUserPagesFast(area.Start, pages));
        AddressSpace.PutPages(pages.AsSpan(0, 800));
        GupMachine.AssertFault(AccessFault.NotPresent, area.Start + (800 * PageSize), () => machine.Memory.PinUserPages(area.Start, pages).Dispose());
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
}
