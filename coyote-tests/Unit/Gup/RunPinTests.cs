using Percpu.Pagemap;

namespace Percpu.Unit.Gup;

/// <summary>In which pieces a walk without a lock takes pages.</summary>
public sealed class RunPinTests
{
    private const ulong PageSize = GupMachine.PageSize, LargeSize = GupMachine.LargeSize;

    [ThreadStatic]
    private static List<(ulong First, int Count)>? s_runs;

    [Theory]
    [InlineData(true, 0, 512, new[] { 512 })]
    [InlineData(true, 0, 513, new[] { 512, 1 })]
    [InlineData(true, 511, 514, new[] { 1, 512, 1 })]
    [InlineData(true, 100, 20, new[] { 20 })]
    [InlineData(false, 0, 500, new[] { 500 })]
    [InlineData(false, 10, 3, new[] { 3 })]
    public void I53_what_lies_in_one_large_entry_or_table_and_one_map_is_taken_at_once(bool large, int first, int count, int[] runs)
    {
        using var machine = new GupMachine();
        Area area = large ? machine.MapLarge(3) : machine.MapSmall(505);
        machine.Populate(area);
        s_runs = [];
        var pages = new Page[count];
        AddressSpace memory = machine.Memory;
        Assert.Equal(count, memory.WalkFast<Noted>(area.Start + ((ulong)first * PageSize), pages, GupFlags.Get, out DevPagemap? map));
        Assert.Equal(runs, s_runs.Select(run => run.Count));
        ulong next = GupMachine.First.Value + (ulong)first;
        foreach ((ulong start, int length) in s_runs)
        {
            Assert.Equal(next, start);
            next += (ulong)length;
        }
        Assert.Equal(count, machine.Disk.Queue.Usage.ApproximateCount - 1);
        for (int i = 0; i < count; i++)
            Assert.Equal(GupMachine.First.Value + (ulong)(first + i), machine.Space.PageToPfn(pages[i]).Value);
        Assert.Same(machine.Pmem.Mapping.Pagemap, map);
        AddressSpace.PutPages(pages);
        machine.AssertNothingPinned();
    }

    private readonly struct Noted : IRunPin
    {
        public static int PinDevice(AddressSpace space, Pfn first, int count, ref DevPagemap? held)
        {
            count = RunPin.PinDevice(space, first, count, ref held);
            s_runs!.Add((first.Value, count));
            return count;
        }

        public static void PinRam(Page page) => RunPin.PinRam(page);

        public static void Unpin(ReadOnlySpan<Page> pages) => RunPin.Unpin(pages);
    }
}
