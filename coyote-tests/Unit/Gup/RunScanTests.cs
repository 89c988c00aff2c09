using Percpu.Pagemap;
using Percpu.Unit.Devices;

namespace Percpu.Unit.Gup;

/// <summary>In which pieces a walk without a lock takes pages.</summary>
public sealed class RunScanTests
{
    private const ulong PageSize = GupMachine.PageSize, LargeSize = GupMachine.LargeSize;

    [Fact]
    public unsafe void The_frames_of_a_run_are_found_up_to_the_last_of_a_section_and_not_where_the_next_has_none()
    {
        const ulong section = FrameMap.PagesPerSection;
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        machine.Device.DevmMemremapPages(TestMachine.Pmem, reference);
        FrameMap frames = machine.Space.Frames;
        ulong start = TestMachine.Pmem.Start.Value, end = TestMachine.Pmem.End.Value;
        foreach (int count in (int[])[1, 2, 512])
        {
            // Before the first section ends, over its end, before the second ends, and over the end of all.
            foreach (ulong first in (ulong[])[start, start + section - (ulong)count, start + section - 1, end - (ulong)count])
                Assert.Equal((long)frames.Locate(first), RunPin.FramesOf(frames, first, count));
            Assert.Equal(count == 1, RunPin.FramesOf(frames, end - 1, count) != 0);
            Assert.Equal(0, RunPin.FramesOf(frames, end, count));
            Assert.Equal(0, RunPin.FramesOf(frames, start - 1, count));
        }
        reference.Kill();
    }

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
        ulong address = area.Start + ((ulong)first * PageSize);
        List<EntryRun> found = RunsOf(machine.Memory, address, count);
        Assert.Equal(runs, found.Select(run => run.Count));
        ulong next = GupMachine.First.Value + (ulong)first;
        foreach (EntryRun run in found)
        {
            Assert.Equal((next, true), (run.First, run.IsDevice));
            next += (ulong)run.Count;
        }
        var pages = new Page[count];
        Assert.Equal(count, FastWalk.Pin(machine.Memory, address, pages, GupFlags.Get, out DevPagemap? map));
        Assert.Equal(count, machine.Disk.Queue.Usage.ApproximateCount - 1);
        for (int i = 0; i < count; i++)
            Assert.Equal(GupMachine.First.Value + (ulong)(first + i), machine.Space.PageToPfn(pages[i]).Value);
        Assert.Same(machine.Pmem.Mapping.Pagemap, map);
        AddressSpace.PutPages(pages);
        machine.AssertNothingPinned();
    }

    // What a walk over the pages is told to pin, batch by batch.
    private static List<EntryRun> RunsOf(AddressSpace memory, ulong address, int count)
    {
        var runs = new List<EntryRun>();
        var pages = new Page[count];
        using EpochReader reader = memory.Table.Epoch.Enter();
        while (count > 0)
        {
            int left = FastWalk.BatchOf(address, count);
            address += (ulong)left * PageSize;
            count -= left;
            Assert.True(RunScan.TryBegin(memory.Pages, address - ((ulong)left * PageSize), GupFlags.Get, out RunScan scan));
            while (left > 0)
            {
                Assert.True(scan.TryNext(left, out EntryRun run));
                scan.Pass(pages.AsSpan(0, run.Count), GupFlags.Get);
                runs.Add(run);
                left -= run.Count;
            }
        }
        return runs;
    }
}
