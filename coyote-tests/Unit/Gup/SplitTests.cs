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

    [LibraryImport("libc", EntryPoint = "malloc_usable_size")]
    private static partial nuint UsableSize(void* block);
}
