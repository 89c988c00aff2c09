using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Gup;

/// <summary>Where an entry for 512 pages fits, and where it would show addresses or memory that are not the area's.</summary>
public sealed class LargeEntryEdgesTests
{
    private const ulong PageSize = GupMachine.PageSize, LargeSize = GupMachine.LargeSize;

    [Theory]
    [InlineData(0UL, 2UL, 0UL, true, true)] // Both ends at multiples of 2 MiB.
    [InlineData(1UL, 2UL, 0UL, false, true)] // It begins a page behind one.
    [InlineData(0UL, 2UL, 1UL, true, false)] // It ends a page before one.
    [InlineData(511UL, 2UL, 511UL, false, false)]
    [InlineData(0UL, 1UL, 0UL, true, true)]
    [InlineData(1UL, 1UL, 0UL, false, false)]
    [InlineData(0UL, 1UL, 1UL, false, false)]
    public void I53_an_entry_of_512_pages_lies_wholly_in_its_area(ulong skip, ulong large, ulong missing, bool firstIsLarge, bool lastIsLarge)
    {
        foreach (bool write in (bool[])[false, true])
        {
            using var machine = new GupMachine();
            ulong start = (8 * LargeSize) + (skip * PageSize), length = (large * LargeSize) - ((skip + missing) * PageSize);
            Area area = machine.Memory.MapDax(machine.Disk, (long)(skip * PageSize), length, address: start);
            ulong last = area.End - PageSize;
            foreach (ulong address in (ulong[])[area.Start, last])
            {
                byte[] one = [(byte)(address == last ? 9 : 5)];
                Worker.RunWaiting("an access to end", () =>
                {
                    if (write)
                        machine.Memory.Write(address, one);
                    else
                        machine.Memory.Read(address, one);
                });
            }
            Assert.Equal((firstIsLarge, lastIsLarge), (machine.Memory.Lookup(area.Start).IsLarge, machine.Memory.Lookup(last).IsLarge));
            Assert.True(machine.Memory.Lookup(area.Start - PageSize).IsNone && machine.Memory.Lookup(area.End).IsNone);
            AssertPage(machine, area, area.Start, skip);
            AssertPage(machine, area, last, skip);
            if (!write)
                continue;
            byte[] sector = new byte[512];
            machine.Disk.Read((long)(skip * PageSize), sector);
            Assert.Equal(5, sector[0]);
            machine.Disk.Read((long)((skip * PageSize) + (last - area.Start)), sector);
            Assert.Equal(9, sector[0]);
        }
    }

    [Fact]
    public void I53_memory_that_does_not_lie_to_2_MiB_as_the_addresses_do_is_shown_page_by_page()
    {
        using var machine = new GupMachine();
        Area area = machine.Memory.MapDax(machine.Disk, (long)PageSize, 2 * LargeSize, address: 8 * LargeSize);
        Worker.RunWaiting("an access to end", () => machine.Memory.Read(area.Start + LargeSize, new byte[1]));
        PageTableEntry entry = machine.Memory.Lookup(area.Start + LargeSize);
        Assert.False(entry.IsLarge);
        Assert.Equal(GupMachine.First.Value + 513, entry.Pfn.Value);
    }

    [Fact]
    public void A_part_of_a_disk_may_end_where_the_disk_ends_and_no_later()
    {
        using var machine = new GupMachine();
        long end = machine.Disk.Length;
        foreach ((long offset, ulong length) in (ReadOnlySpan<(long, ulong)>)[(end - 4096, 8192), (end, 4096), (end + 4096, 4096), (4096, (ulong)end), (0, (ulong)end + 4096), (-4096, 4096)])
            Assert.Throws<ArgumentOutOfRangeException>(() => machine.Memory.MapDax(machine.Disk, offset, length));
        machine.Memory.Unmap(machine.Memory.MapDax(machine.Disk, 0, (ulong)end));
        Area last = machine.Memory.MapDax(machine.Disk, end - 4096, 4096);
        Worker.RunWaiting("an access to end", () => machine.Memory.Write(last.Start, [3]));
        byte[] sector = new byte[512];
        machine.Disk.Read(end - 4096, sector);
        Assert.Equal(3, sector[0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_last_page_of_a_files_disk_can_be_written_and_no_room_behind_it_is_asked_for(bool large)
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        PfnRange range = TestMachine.Pmem;
        long bytes = (long)range.Length << Pfn.PageShift;
        PhysicalRegion region = machine.Space.AddDevice(range, "file", machine.NewFile(bytes));
        var disk = (PmemDisk)PmemDriver.Bind(machine.Device, new PmemNamespace(region, mapPages: true)).Disk;
        using var memory = new AddressSpace(machine.Table);
        ulong length = large ? LargeSize : PageSize;
        Area area = memory.MapDax(disk, bytes - (long)length, length, address: large ? 8 * LargeSize : PageSize);
        Worker.RunWaiting("an access to end", () => memory.Write(area.End - 1, [7]));
        Assert.Equal(large, memory.Lookup(area.Start).IsLarge);
        byte[] sector = new byte[512];
        disk.Read(bytes - 512, sector);
        Assert.Equal(7, sector[511]);
        memory.Unmap(area);
        machine.Device.Unbind();
    }

    private static void AssertPage(GupMachine machine, Area area, ulong address, ulong skip)
    {
        PageTableEntry entry = machine.Memory.Lookup(address);
        ulong pfn = entry.Pfn.Value + (entry.IsLarge ? (address >> Pfn.PageShift) & 511 : 0);
        Assert.Equal(GupMachine.First.Value + skip + ((address - area.Start) / PageSize), pfn);
    }
}
