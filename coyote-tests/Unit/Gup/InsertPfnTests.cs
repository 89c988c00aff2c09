using Percpu.Pagemap;

namespace Percpu.Unit.Gup;

/// <summary>Which bits the entry of a frame has that a driver puts in.</summary>
public sealed class InsertPfnTests
{
    private const ulong PageSize = GupMachine.PageSize;

    [Theory]
    [InlineData(AreaAccess.None)]
    [InlineData(AreaAccess.Read)]
    [InlineData(AreaAccess.Write)]
    [InlineData(AreaAccess.ReadWrite)]
    public void I53_an_entry_allows_what_its_area_does_and_says_what_its_frame_is(AreaAccess access)
    {
        using var machine = new GupMachine();
        AddressSpace memory = machine.Memory;
        Area area = memory.MapMixed(3 * PageSize, access);
        Page page = machine.Space.AllocatePage();
        Pfn ram = machine.Space.PageToPfn(page), far = new(1UL << 40);
        memory.InsertPfn(area, area.Start, ram, PfnFlags.None);
        memory.InsertPfn(area, area.Start + PageSize, far, PfnFlags.Device);
        memory.InsertPfn(area, area.Start + (2 * PageSize), GupMachine.First, PfnFlags.Device | PfnFlags.Mapped);
        foreach ((int index, Pfn pfn, bool special, bool devmap) in (ReadOnlySpan<(int, Pfn, bool, bool)>)[(0, ram, false, false), (1, far, true, false), (2, GupMachine.First, false, true)])
        {
            PageTableEntry entry = memory.Lookup(area.Start + ((ulong)index * PageSize));
            Assert.Equal((pfn, special, devmap), (entry.Pfn, entry.IsSpecial, entry.IsDevmap));
            Assert.Equal(((access & AreaAccess.Write) != 0, (access & AreaAccess.Read) == 0), (entry.IsWritable, entry.IsProtNone));
            Assert.True(entry is { IsPresent: true, IsLarge: false, IsAccessed: false, IsDirty: false, IsDevicePrivate: false, IsClaimed: false });
        }
        Assert.Equal(2, page.Count); // The entry holds it.
        memory.Unmap(area);
        Assert.Equal(1, page.Count);
        page.Put();
    }

    [Theory]
    [InlineData(GupFlags.Touch, true, false)]
    [InlineData(GupFlags.Touch | GupFlags.Write, true, true)]
    [InlineData(GupFlags.None, false, false)]
    public void I53_a_frame_without_a_page_is_found_and_marked_where_no_pin_is_asked_for(GupFlags flags, bool accessed, bool dirty)
    {
        using var machine = new GupMachine();
        AddressSpace memory = machine.Memory;
        Area area = memory.MapMixed(2 * PageSize);
        for (ulong i = 0; i < 2; i++)
            memory.InsertPfn(area, area.Start + (i * PageSize), new Pfn((1UL << 40) + i), PfnFlags.Device);
        var pages = new Page[2];
        Assert.Equal(2, memory.GetUserPages(area.Start, pages, flags));
        Assert.All(pages, static page => Assert.True(page.IsNull));
        for (ulong i = 0; i < 2; i++)
        {
            PageTableEntry entry = memory.Lookup(area.Start + (i * PageSize));
            Assert.Equal((true, accessed, dirty), (entry.IsSpecial, entry.IsAccessed, entry.IsDirty));
        }
        GupMachine.AssertFault(AccessFault.Special, area.Start, () => memory.GetUserPages(area.Start, pages, flags | GupFlags.Get));
        GupMachine.AssertFault(AccessFault.Special, area.Start, () => memory.GetUserPages(area.Start, pages, flags | GupFlags.Dump));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_frame_in_an_area_that_may_be_written_is_written_without_another_fault(bool device)
    {
        using var machine = new GupMachine();
        Area area = machine.Memory.MapMixed(PageSize);
        Page page = device ? default : machine.Space.AllocatePage();
        machine.Memory.InsertPfn(area, area.Start, device ? GupMachine.First : machine.Space.PageToPfn(page), device ? PfnFlags.Device | PfnFlags.Mapped : PfnFlags.None);
        PageTableEntry before = machine.Memory.Lookup(area.Start);
        machine.Memory.Write(area.Start, [7]);
        Assert.Equal(0, machine.Memory.MinorFaults);
        Assert.Equal(new PageTableEntry(before.Value | PageTableEntry.AccessedBit | PageTableEntry.DirtyBit), machine.Memory.Lookup(area.Start));
        byte[] read = new byte[1];
        machine.Memory.Read(area.Start, read);
        Assert.Equal([7], read);
        machine.Memory.Unmap(area);
        if (!device)
            page.Put();
    }
}
