using System.Runtime.InteropServices;
using Percpu.Pagemap;

namespace Percpu.Unit.Gup;

/// <summary>A table of 512 entries in the place of a large one.</summary>
public sealed unsafe partial class SplitTests
{
    private const ulong PageSize = GupMachine.PageSize;
    private const int Slots = 512;

    [Fact]
    public void A_split_fills_the_512_words_of_its_table_and_none_behind_them()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Asks the allocator for the size of a block.");
        using var machine = new GupMachine();
        Area area = machine.MapLarge(1);
        machine.Populate(area, write: true);
        PageTableEntry large = machine.Memory.Lookup(area.Start);
        Assert.True(large.IsLarge && large.IsWritable);
        machine.Memory.Discard(area.Start + (5 * PageSize), PageSize);
        PageTable pages = machine.Memory.Pages;
        long* table = pages.Find(area.Start, out bool isLarge);
        Assert.False(isLarge);
        for (int i = 0; i < Slots; i++)
            Assert.Equal(i == 5 ? 0 : EntryOf(i), table[i]);
        // The allocator may give a little more than it was asked for: what stands there it or nobody has put there.
        for (int i = Slots; i < (int)(UsableSize(table) / sizeof(long)); i++)
            Assert.NotEqual(EntryOf(i), table[i]);

        long EntryOf(int page) => (large.Value & ~PageTableEntry.LargeBit) + ((long)page * (long)PageSize);
    }

    [Fact]
    public void A_table_goes_with_the_area_that_fills_it_and_stays_with_one_that_does_not()
    {
        using var machine = new GupMachine();
        AddressSpace memory = machine.Memory;
        Area whole = memory.MapAnonymous(GupMachine.LargeSize), behind = memory.MapAnonymous(PageSize), disk = machine.MapLarge(1);
        foreach (Area area in (Area[])[whole, behind, disk])
            memory.Write(area.Start, [1]);
        Assert.True(memory.Lookup(disk.Start).IsLarge);
        Assert.All((Area[])[whole, behind, disk], area => Assert.NotEqual(0, Entry(area)));
        Assert.All((Area[])[whole, behind, disk], memory.Unmap);
        Assert.Equal((0L, 0L), (Entry(whole), Entry(disk)));
        Assert.NotEqual(0, Entry(behind)); // Other areas may share it.
        Assert.False(memory.Lookup(behind.Start).IsPresent);

        long Entry(Area area) => *memory.Pages.FindLarge(area.Start);
    }

    [Fact]
    public void Of_a_disk_that_is_gone_a_large_entry_goes_whole()
    {
        using var machine = new GupMachine();
        Area area = machine.MapLarge(2);
        machine.Populate(area);
        Assert.True(machine.Memory.Lookup(area.Start).IsLarge && machine.Memory.Lookup(area.End - PageSize).IsLarge);
        machine.Device.Unbind();
        Assert.Equal((0L, 0L), (*machine.Memory.Pages.FindLarge(area.Start), *machine.Memory.Pages.FindLarge(area.End - PageSize)));
    }

    [LibraryImport("libc", EntryPoint = "malloc_usable_size")]
    private static partial nuint UsableSize(void* block);
}
