using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Gup;

/// <summary>Each argument that is refused is told by its name and value, of several the first that is wrong; and what is free is found to the last page.</summary>
public sealed class RefusedGupArgumentsTests
{
    private const ulong PageSize = GupMachine.PageSize, LargeSize = GupMachine.LargeSize, End = 1UL << AddressSpace.AddressBits;

    [Fact]
    public void Arguments_of_address_spaces()
    {
        Refused.Null("table", () => new AddressSpace(null!));
        Refused.Wrong("table", () => new AddressSpace(new PagemapTable()));
        using var machine = new GupMachine();
        using var other = new TestMachine();
        AddressSpace memory = machine.Memory;
        PmemDisk foreign = (PmemDisk)PmemDriver.Bind(other.Device, new PmemNamespace(other.AddDevice())).Disk;
        foreach (ulong? address in (ulong?[])[null, LargeSize])
        {
            foreach (Action call in (Action[])[() => memory.MapAnonymous(0, (AreaAccess)4, address), () => memory.MapMixed(0, (AreaAccess)4, address), () => memory.MapDax(machine.Disk, 0, 0, AreaAccess.Read, address)])
                Refused.Range("length", 0UL, call);
        }
        foreach (AreaAccess access in (AreaAccess[])[(AreaAccess)4, (AreaAccess)(-1)])
            Refused.Range("access", access, () => memory.MapAnonymous(PageSize, access));
        foreach ((ulong address, ulong length) in ((ulong, ulong)[])[(1, PageSize), (0, 1), (End, PageSize), (End - PageSize, 2 * PageSize), (0, End + PageSize), (ulong.MaxValue & ~4095UL, PageSize), (PageSize, ulong.MaxValue & ~4095UL)])
        {
            Assert.Equal("length", Assert.Throws<ArgumentOutOfRangeException>(() => memory.MapAnonymous(length, address: address)).ParamName);
            Assert.Equal("address", Assert.Throws<ArgumentOutOfRangeException>(() => memory.Discard(address, length)).ParamName);
            Assert.Equal("address", Assert.Throws<ArgumentOutOfRangeException>(() => memory.MarkNumaHints(address, length)).ParamName);
        }
        Refused.Null("disk", () => memory.MapDax(null!, -1, 0));
        Refused.Wrong("disk", () => memory.MapDax(foreign, -1, 0));
        foreach (long offset in (long[])[-1, -4096, 1, 4095])
            Refused.Range("offset", offset, () => memory.MapDax(machine.Disk, offset, 0));
        Refused.Range("length", GupMachine.Length + PageSize, () => memory.MapDax(machine.Disk, 0, GupMachine.Length + PageSize));
        Refused.Null("area", () => memory.Unmap(null!));
        Refused.Null("area", () => memory.InsertPfn(null!, 1, default, default));
        Area anonymous = memory.MapAnonymous(PageSize), mixed = memory.MapMixed(2 * PageSize);
        Refused.Wrong("area", () => memory.InsertPfn(anonymous, 1, default, default));
        foreach (ulong address in (ulong[])[mixed.Start + 1, mixed.Start - PageSize, mixed.End, 0])
            Refused.Range("address", address, () => memory.InsertPfn(mixed, address, new Pfn(Pfn.MaxValue + 1), (PfnFlags)4));
        Refused.Range("pfn", new Pfn(Pfn.MaxValue + 1), () => memory.InsertPfn(mixed, mixed.Start, new Pfn(Pfn.MaxValue + 1), (PfnFlags)4));
        foreach (PfnFlags flags in (PfnFlags[])[PfnFlags.Mapped, (PfnFlags)4, (PfnFlags)(-1)])
            Refused.Range("flags", flags, () => memory.InsertPfn(mixed, mixed.Start, new Pfn(Pfn.MaxValue), flags));
        Refused.Wrong("pfn", () => memory.InsertPfn(mixed, mixed.Start, new Pfn(1 << 19), PfnFlags.None));
        Refused.Wrong("pfn", () => memory.InsertPfn(mixed, mixed.Start, GupMachine.First, PfnFlags.None));
        memory.InsertPfn(mixed, mixed.Start + PageSize, new Pfn(Pfn.MaxValue), PfnFlags.Device);
        Assert.Throws<RangeBusyException>(() => memory.InsertPfn(mixed, mixed.Start + PageSize, new Pfn(1), PfnFlags.Device));
        foreach (GupFlags flags in (GupFlags[])[(GupFlags)64, (GupFlags)(-1)])
        {
            Refused.Range("flags", flags, () => memory.GetUserPages(0, new Page[1], flags));
            Refused.Range("flags", flags, () => memory.GetUserPagesFast(0, new Page[1], flags));
            Refused.Range("flags", flags, () => memory.PinUserPages(0, new Page[1], flags).Dispose());
        }
        memory.Unmap(mixed);
        Refused.Wrong("area", () => memory.Unmap(mixed));
        Refused.Wrong("area", () => memory.InsertPfn(mixed, mixed.Start, new Pfn(1), PfnFlags.Device));
        using var second = new AddressSpace(machine.Table);
        Refused.Wrong("area", () => second.Unmap(anonymous));
        Assert.Equal(anonymous, memory.FindArea(anonymous.Start));
        other.Device.Unbind();
    }

    [Fact]
    public void Areas_are_put_from_2_MiB_on_into_the_first_hole_that_has_room_for_them_up_to_the_last_address()
    {
        using var machine = new GupMachine();
        AddressSpace memory = machine.Memory;
        Area[] three = [.. Enumerable.Range(0, 3).Select(_ => memory.MapAnonymous(2 * PageSize))];
        Assert.Equal([LargeSize, LargeSize + (2 * PageSize), LargeSize + (4 * PageSize)], three.Select(area => area.Start));
        memory.Unmap(three[1]);
        Assert.Equal(three[2].End, memory.MapAnonymous(3 * PageSize).Start); // A page too many for the hole.
        Assert.Equal(three[1].Start, memory.MapAnonymous(2 * PageSize).Start);
        memory.Unmap(three[0]);
        Assert.Equal(LargeSize, memory.MapAnonymous(PageSize).Start);
        Assert.Equal(LargeSize + PageSize, memory.MapAnonymous(PageSize).Start);
        // Such as may have large entries begin where one may lie.
        Area large = memory.MapAnonymous(LargeSize), next = memory.MapAnonymous(LargeSize + PageSize), after = memory.MapAnonymous(LargeSize);
        Assert.Equal([2 * LargeSize, 3 * LargeSize, 5 * LargeSize], [large.Start, next.Start, after.Start]);
        Assert.Equal(4 * LargeSize + PageSize, memory.MapAnonymous(LargeSize - PageSize).Start);
        // All the rest, and then nothing.
        ulong rest = End - after.End;
        Assert.Throws<InsufficientMemoryException>(() => memory.MapAnonymous(rest + PageSize));
        Area last = memory.MapAnonymous(rest);
        Assert.Equal((after.End, End), (last.Start, last.End));
        Assert.Throws<InsufficientMemoryException>(() => memory.MapAnonymous(LargeSize));
        memory.Write(End - 1, [7]);
        Assert.Throws<AccessFaultException>(() => memory.Write(End - 1, [8, 9]));
        byte[] read = new byte[1];
        memory.Read(End - 1, read);
        Assert.Equal([8], read); // Of what crossed the end, the part before it was done.
        Assert.Equal(last, memory.FindArea(End - 1));
        Assert.Null(memory.FindArea(End));
        // An address may be asked for below, and 0 too.
        Assert.Equal(0UL, memory.MapAnonymous(LargeSize, address: 0).Start);
        Assert.Throws<RangeBusyException>(() => memory.MapAnonymous(2 * PageSize, address: LargeSize - PageSize));
    }

    [Fact]
    public void An_area_below_the_first_address_moves_nothing()
    {
        using var machine = new GupMachine();
        AddressSpace memory = machine.Memory;
        memory.MapAnonymous(PageSize, address: PageSize);
        Area disk = memory.MapDax(machine.Disk, 8 * 4096, LargeSize), large = memory.MapAnonymous(LargeSize), small = memory.MapAnonymous(PageSize);
        Assert.Equal([LargeSize + (8 * PageSize), 3 * LargeSize, LargeSize], [disk.Start, large.Start, small.Start]);
        memory.Unmap(disk);
        Assert.Equal(LargeSize + PageSize, memory.MapAnonymous(PageSize).Start);
    }

    [Fact]
    public void Memory_of_a_disk_is_put_such_that_large_entries_fit()
    {
        using var machine = new GupMachine();
        foreach (long pages in (long[])[0, 1, 511, 512])
        {
            Area area = machine.Memory.MapDax(machine.Disk, pages * 4096, 2 * LargeSize);
            Assert.Equal((ulong)pages * PageSize % LargeSize, area.Start % LargeSize);
            machine.Populate(area);
            Assert.True(machine.Memory.Lookup((area.Start + LargeSize - 1) & ~(LargeSize - 1)).IsLarge);
        }
        Assert.Equal(0UL, machine.Memory.MapDax(machine.Disk, 4096, PageSize).Start % PageSize);
    }

    [Fact]
    public void I53_a_large_entry_that_is_discarded_as_a_whole_gives_way_to_a_large_entry_again()
    {
        using var machine = new GupMachine();
        Area area = machine.MapLarge(3);
        machine.Populate(area);
        for (int round = 0; round < 2; round++)
        {
            machine.Memory.Discard(area.Start + LargeSize, LargeSize);
            Assert.True(machine.Memory.Lookup(area.Start + LargeSize).IsNone);
            Assert.True(machine.Memory.Lookup(area.Start) is { IsLarge: true } && machine.Memory.Lookup(area.End - PageSize) is { IsLarge: true });
            machine.Populate(area);
            Assert.True(machine.Memory.Lookup(area.Start + LargeSize).IsLarge);
        }
        machine.Memory.Discard(area.Start + PageSize, LargeSize); // A page of one stays, and all but one of the next.
        Assert.Equal([true, false, false, true], [Is(0), Is(PageSize), Is(LargeSize), Is(LargeSize + PageSize)]);
        Assert.False(machine.Memory.Lookup(area.Start).IsLarge || machine.Memory.Lookup(area.Start + LargeSize + PageSize).IsLarge);

        bool Is(ulong at) => machine.Memory.Lookup(area.Start + at).IsPresent;
    }
}
