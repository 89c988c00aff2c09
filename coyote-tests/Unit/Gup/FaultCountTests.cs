using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Gup;

/// <summary>Which accesses fault, and that a walk over pages ends.</summary>
public sealed class FaultCountTests
{
    private const ulong PageSize = GupMachine.PageSize;

    [Fact]
    public void Of_RAM_the_first_read_and_the_first_write_of_a_page_fault_once_each()
    {
        using var machine = new GupMachine();
        Area area = machine.Memory.MapAnonymous(4 * PageSize);
        Assert.Equal(1, Faults(machine, () => machine.Memory.Read(area.Start, new byte[8]))); // The page of zeros.
        Assert.Equal(0, Faults(machine, () => machine.Memory.Read(area.Start + 100, new byte[8])));
        Assert.Equal(1, Faults(machine, () => machine.Memory.Write(area.Start, new byte[8])));
        Assert.Equal(0, Faults(machine, () => machine.Memory.Write(area.Start + 100, new byte[8])));
        Assert.Equal(1, Faults(machine, () => machine.Memory.Write(area.Start + PageSize, new byte[8])));
        Assert.Equal(2, Faults(machine, () => machine.Memory.Read(area.Start + (2 * PageSize) - 4 + PageSize, new byte[8]))); // Over two pages.
        machine.Memory.Discard(area.Start, PageSize);
        Assert.Equal(1, Faults(machine, () => machine.Memory.Read(area.Start, new byte[8])));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_a_disk_the_first_access_and_the_first_write_fault_once_each_for_a_whole_entry(bool large)
    {
        using var machine = new GupMachine();
        Area area = large ? machine.MapLarge(2) : machine.MapSmall(4);
        ulong next = large ? GupMachine.LargeSize : PageSize;
        Assert.Equal(1, Faults(machine, () => machine.Memory.Read(area.Start, new byte[8])));
        Assert.Equal(0, Faults(machine, () => machine.Memory.Read(area.Start + next - 8, new byte[8])));
        Assert.Equal(1, Faults(machine, () => machine.Memory.Write(area.Start, new byte[8]))); // The right to write is added.
        Assert.Equal(0, Faults(machine, () => machine.Memory.Write(area.Start + next - 8, new byte[8])));
        Assert.Equal(1, Faults(machine, () => machine.Memory.Write(area.Start + next, new byte[8])));
        Assert.Equal(0, Faults(machine, () => machine.Memory.Read(area.Start + next, new byte[8])));
        Assert.Equal(0, machine.Memory.MajorFaults);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(1024)]
    public void I53_a_walk_without_a_lock_ends_with_the_last_page_that_is_asked_for(int count)
    {
        using var machine = new GupMachine();
        Area area = machine.MapSmall(1030);
        machine.Populate(area);
        var pages = new Page[count];
        long before = machine.Disk.Queue.Usage.ApproximateCount;
        Worker.RunWaiting($"a walk over {count} pages to end", () => Assert.Equal(count, FastWalk.Pin(machine.Memory, area.Start, pages, GupFlags.Get, out _)));
        Assert.Equal(before + count, machine.Disk.Queue.Usage.ApproximateCount);
        AddressSpace.PutPages(pages);
        Worker.RunWaiting("a walk over no pages to end", () => Assert.Equal(0, FastWalk.Pin(machine.Memory, area.Start, [], GupFlags.Get, out _)));
        Assert.Equal(before, machine.Disk.Queue.Usage.ApproximateCount);
    }

    private static long Faults(GupMachine machine, Action access)
    {
        long before = machine.Memory.MinorFaults;
        Worker.RunWaiting("an access to end", access);
        return machine.Memory.MinorFaults - before;
    }
}
