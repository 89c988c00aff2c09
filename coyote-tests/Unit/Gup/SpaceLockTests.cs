using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Gup;

/// <summary>Every call of an address space gives its locks back, also one that fails; and so does a disk that goes away under it.</summary>
public sealed class SpaceLockTests
{
    private const ulong PageSize = GupMachine.PageSize;

    [Fact]
    public void A_call_that_clears_nothing_waits_for_no_reader()
    {
        using var machine = new GupMachine();
        AddressSpace memory = machine.Memory;
        Area area = memory.MapAnonymous(4 * PageSize), mixed = memory.MapMixed(PageSize);
        using var inside = new ManualResetEventSlim();
        using var done = new ManualResetEventSlim();
        using var reader = new Worker(() =>
        {
            using EpochReader section = machine.Table.Epoch.Enter();
            inside.Set();
            Worker.Await(done);
        });
        Worker.Await(inside);
        try
        {
            Worker.RunWaiting("a reader, although nothing was there to be cleared", () =>
            {
                memory.Discard(area.Start, area.Length);
                memory.Unmap(mixed);
            });
        }
        finally
        {
            done.Set();
        }
    }

    [Fact]
    public void Every_call_gives_the_map_lock_back_also_one_that_fails_or_comes_after_the_disposal()
    {
        using var machine = new GupMachine();
        AddressSpace memory = machine.Memory;
        byte[] bytes = new byte[1];
        var pages = new Page[1];
        Area area = memory.MapAnonymous(4 * PageSize), mixed = memory.MapMixed(PageSize), gone = memory.MapAnonymous(PageSize);
        Action[] calls =
        [
            () => memory.Read(area.Start, bytes), () => memory.Write(area.Start, bytes),
            () => Assert.Throws<AccessFaultException>(() => memory.Read(1UL << 47, bytes)), () => Assert.Throws<AccessFaultException>(() => memory.Read(mixed.Start, bytes)),
            () => memory.GetUserPages(area.Start, pages), () => AddressSpace.PutPages(pages), () => memory.GetUserPagesFast(area.Start, pages), () => AddressSpace.PutPages(pages),
            () => Assert.Throws<AccessFaultException>(() => memory.GetUserPages(mixed.Start, pages)),
            () => Assert.Throws<AccessFaultException>(() => memory.GetUserPagesFast(mixed.Start, pages)),
            () => Assert.Throws<RangeBusyException>(() => memory.MapAnonymous(PageSize, address: area.Start)),
            () => memory.InsertPfn(mixed, mixed.Start, GupMachine.First, PfnFlags.Device | PfnFlags.Mapped),
            () => Assert.Throws<RangeBusyException>(() => memory.InsertPfn(mixed, mixed.Start, GupMachine.First, PfnFlags.Device | PfnFlags.Mapped)),
            () => Assert.Throws<ArgumentException>(() => memory.InsertPfn(mixed, mixed.Start, new Pfn(1 << 22), PfnFlags.None)), // No page.
            () => memory.MarkNumaHints(area.Start, area.Length), () => memory.Discard(area.Start, PageSize),
            () => memory.Unmap(gone), () => Assert.Throws<ArgumentException>(() => memory.Unmap(gone)),
            memory.Dispose, memory.Dispose,
            () => Assert.Throws<ObjectDisposedException>(() => memory.Read(area.Start, bytes)), () => Assert.Throws<ObjectDisposedException>(() => memory.Write(area.Start, bytes)),
            () => Assert.Throws<ObjectDisposedException>(() => memory.GetUserPages(area.Start, pages)),
            () => Assert.Throws<ObjectDisposedException>(() => memory.GetUserPagesFast(area.Start, pages)),
            () => Assert.Throws<ObjectDisposedException>(() => memory.MapAnonymous(PageSize)),
            () => Assert.Throws<ObjectDisposedException>(() => memory.MarkNumaHints(area.Start, PageSize)),
            () => Assert.Throws<ObjectDisposedException>(() => memory.Discard(area.Start, PageSize)),
            () => Assert.Throws<ArgumentException>(() => memory.Unmap(area)),
        ];
        AssertUnlocked(memory, -1);
        for (int i = 0; i < calls.Length; i++)
        {
            calls[i]();
            AssertUnlocked(memory, i);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void I54_all_areas_of_a_disk_forget_it_when_its_device_is_unbound_and_its_lock_is_given_back(int count)
    {
        using var machine = new GupMachine();
        PmemDisk disk = machine.Disk;
        Area[] areas = [.. Enumerable.Range(0, count).Select(i => machine.MapSmall(2, offset: (long)(2 * PageSize) * i))];
        Area other = machine.Memory.MapDax(disk, 0, PageSize);
        Assert.All((Area[])[.. areas, other], area => machine.Memory.Write(area.Start, [1]));
        machine.Memory.Unmap(other);
        Assert.True(Hidden.IsUnlocked(disk));
        Assert.Null(Caught.By(() => Worker.RunWaiting("areas of a disk that goes away", () => machine.Device.Unbind())));
        Assert.True(Hidden.IsUnlocked(disk));
        AssertUnlocked(machine.Memory, 0);
        Assert.All(areas, area => Assert.True(machine.Memory.Lookup(area.Start).IsNone));
        Assert.Throws<ObjectDisposedException>(() => machine.Memory.MapDax(disk, 0, PageSize));
    }

    private static void AssertUnlocked(AddressSpace memory, int call) =>
        Assert.True(
            (Hidden.Word(memory, "Map"), Hidden.Word(memory, "MapWriters") & 3, Hidden.Word(memory, "ZeroLock") & 3) == (0, 0, 0),
            $"After call {call} a lock of the address space is still held.");
}
