using Percpu.Pagemap;

namespace Percpu.Unit.Gup;

/// <summary>Runs of entries: what is left of a large entry, and a run of pages of two maps.</summary>
public sealed class EntryRunTests
{
    private const ulong PageSize = GupMachine.PageSize;

    [Theory]
    [InlineData(0)]
    [InlineData(511)]
    [InlineData(200)]
    public void I53_what_is_left_of_a_large_entry_says_of_each_page_what_the_large_one_said(int gone)
    {
        using var machine = new GupMachine();
        Area area = machine.MapLarge(1);
        machine.Populate(area, write: true);
        machine.Gup(area.Start, new Page[1], GupFlags.Touch | GupFlags.Write, fast: false);
        PageTableEntry whole = machine.Memory.Lookup(area.Start);
        Assert.True(whole is { IsLarge: true, IsDirty: true, IsAccessed: true, IsWritable: true });
        machine.Memory.Discard(area.Start + ((ulong)gone * PageSize), PageSize);
        for (int i = 0; i < 512; i++)
        {
            PageTableEntry entry = machine.Memory.Lookup(area.Start + ((ulong)i * PageSize));
            if (i == gone)
                Assert.True(entry.IsNone);
            else
                Assert.True(entry is { IsPresent: true, IsLarge: false, IsDirty: true, IsAccessed: true, IsWritable: true, IsDevmap: true } && entry.Pfn.Value == whole.Pfn.Value + (ulong)i, $"{i}: {entry}");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I53_a_run_that_goes_on_in_the_neighbouring_map_counts_each_page_in_its_own(bool fast)
    {
        const int section = 32768, inFirst = 100, count = 300; // Maps have no section in common.
        using var machine = new GupMachine();
        machine.Device.Unbind();
        using var first = new PercpuRef();
        using var second = new PercpuRef();
        machine.Device.DevmMemremapPages(new PfnRange(GupMachine.First, section), first);
        machine.Device.DevmMemremapPages(new PfnRange(new Pfn(GupMachine.First.Value + section), 1024), second);
        Area area = machine.Memory.MapMixed(count * PageSize, address: 8 * GupMachine.LargeSize);
        for (ulong i = 0; i < count; i++)
            machine.Memory.InsertPfn(area, area.Start + (i * PageSize), new Pfn(GupMachine.First.Value + section - inFirst + i), PfnFlags.Device | PfnFlags.Mapped);
        (long First, long Second) before = (first.ApproximateCount, second.ApproximateCount);
        var pages = new Page[count];
        Assert.Equal(count, machine.Gup(area.Start, pages, GupFlags.Get, fast));
        Assert.Equal((before.First + inFirst, before.Second + count - inFirst), (first.ApproximateCount, second.ApproximateCount));
        AddressSpace.PutPages(pages);
        Assert.Equal(before, (first.ApproximateCount, second.ApproximateCount));
        // The same pages to be given back in one step: no one map holds them all.
        using (machine.Memory.PinUserPages(area.Start, pages))
            Assert.Equal((before.First + inFirst, before.Second + count - inFirst), (first.ApproximateCount, second.ApproximateCount));
        Assert.Equal(before, (first.ApproximateCount, second.ApproximateCount));
        first.Kill();
        second.Kill();
        Assert.True(first.IsZero && second.IsZero);
        machine.Memory.Discard(area.Start, area.Length);
        machine.Device.Remove();
    }
}
