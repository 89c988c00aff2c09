using System.Runtime.InteropServices;
using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Gup;

public sealed class PinLifetimeTests
{
    private const ulong PageSize = GupMachine.PageSize;

    [Fact]
    public void I54_unbind_with_a_million_pins_returns_only_after_the_last_and_loses_none()
    {
        const int pins = 1_000_000;
        using var machine = new GupMachine();
        Area area = machine.MapLarge(TestMachine.Pmem.Length / 512);
        var all = new Page[pins];
        int device = (int)TestMachine.Pmem.Length;
        for (int i = 0; i < pins; i += device)
        {
            Span<Page> part = all.AsSpan(i, Math.Min(device, pins - i));
            Assert.Equal(part.Length, machine.Memory.GetUserPagesFast(area.Start, part, GupFlags.Get | GupFlags.Write));
        }
        Page last = all[^1];
        MemoryMarshal.Write(machine.Space.Memory(last), 0x1234_5678_9ABC_DEF0);
        bool returned = false;
        var unbinder = new Worker(() =>
        {
            machine.Device.Unbind();
            Volatile.Write(ref returned, true);
        });
        Worker.AwaitTrue(() => machine.Disk.Queue.IsDying);
        // The others go back from two threads, one of them page by page.
        var other = new Worker(() =>
        {
            for (int i = 0; i < pins / 2; i++)
                AddressSpace.PutPages(all.AsSpan(i, 1));
        });
        for (int i = pins / 2; i < pins - 1; i += 777)
            AddressSpace.PutPages(all.AsSpan(i, Math.Min(777, pins - 1 - i)));
        other.Join();
        Assert.False(Volatile.Read(ref returned));
        Assert.False(machine.Disk.Queue.Usage.IsZero);
        GC.Collect();
        Assert.Equal(0x1234_5678_9ABC_DEF0, MemoryMarshal.Read<long>(machine.Space.Memory(last)));
        Assert.Throws<AccessFaultException>(() => machine.Memory.GetUserPagesFast(area.Start, new Page[1]));
        AddressSpace.PutPages(all.AsSpan(pins - 1));
        unbinder.Join();
        Assert.True(machine.Space.PfnToPage(GupMachine.First).IsNull);
    }

    [Fact]
    public void I54_unbind_clears_the_entries_and_a_new_device_at_the_same_place_is_not_seen_through_them()
    {
        using var machine = new GupMachine();
        Area small = machine.MapSmall(16);
        Area large = machine.MapLarge(1);
        machine.Populate(small);
        machine.Populate(large);
        machine.Device.Unbind();
        Assert.True(machine.Memory.Lookup(small.Start).IsNone);
        Assert.True(machine.Memory.Lookup(large.Start).IsNone);
        machine.Rebind();
        AccessFaultException thrown = Assert.Throws<AccessFaultException>(() => machine.Memory.GetUserPagesFast(small.Start, new Page[1]));
        Assert.Equal(AccessFault.NotPresent, thrown.Fault);
        machine.Memory.Unmap(small);
        machine.Populate(machine.MapSmall(16));
    }

    [Fact]
    public void I54_a_pinned_page_outlives_its_unmapping()
    {
        using var machine = new GupMachine();
        Area area = machine.Memory.MapAnonymous(4 * PageSize);
        machine.Memory.Write(area.Start, [1, 2, 3, 4]);
        var page = new Page[1];
        machine.Memory.GetUserPagesFast(area.Start, page);
        Assert.Equal(2, page[0].Count);
        machine.Memory.Unmap(area);
        Assert.Equal(1, page[0].Count);
        Page next = machine.Space.AllocatePage();
        Assert.NotEqual(page[0], next);
        next.Put();
        Assert.Equal([1, 2, 3, 4], machine.Space.Memory(page[0])[..4].ToArray());
        long used = machine.Space.AllocatedPages;
        AddressSpace.PutPages(page);
        Assert.Equal(used - 1, machine.Space.AllocatedPages);
        Assert.Throws<ArgumentException>(() => machine.Memory.Unmap(area));
        using EpochReader reader = machine.Table.Epoch.Enter();
        Assert.Throws<InvalidOperationException>(() => machine.Memory.Discard(0, PageSize));
    }

    [Fact]
    public void I54_bind_pin_read_unbind_beside_forced_collections()
    {
        using var machine = new GupMachine();
        Area[] area = [machine.MapSmall(600)];
        Mark(machine);
        bool stop = false;
        long read = 0;
        Worker[] readers = [.. Enumerable.Range(0, 3).Select(number => new Worker(() =>
        {
            var random = new Random(number);
            var pages = new Page[600];
            ulong start = area[0].Start;
            while (!Volatile.Read(ref stop))
            {
                int from = random.Next(0, 590);
                Span<Page> part = pages.AsSpan(0, random.Next(1, 600 - from));
                int found;
                try
                {
                    found = machine.Gup(start + ((ulong)from * PageSize), part, GupFlags.Get, fast: number != 0);
                }
                catch (AccessFaultException)
                {
                    continue; // Between two devices.
                }
                for (int i = 0; i < found; i++)
                    Assert.Equal(machine.Space.PageToPfn(part[i]).Value, MemoryMarshal.Read<ulong>(machine.Space.Memory(part[i])));
                AddressSpace.PutPages(part[..found]);
                Interlocked.Add(ref read, found);
            }
        }))];
        for (int round = 0; round < 40; round++)
        {
            long before = Interlocked.Read(ref read);
            Worker.AwaitTrue(() => Interlocked.Read(ref read) > before || readers.Any(each => !each.Thread.IsAlive));
            machine.Device.Unbind();
            GC.Collect();
            machine.Rebind();
            machine.Memory.Unmap(area[0]);
            area[0] = machine.MapSmall(600);
        }
        Volatile.Write(ref stop, true);
        foreach (Worker reader in readers)
            reader.Join();
        machine.AssertNothingPinned();
    }

    [Fact]
    public void I54_unmap_against_the_fast_way_gives_no_page_that_is_somebody_elses()
    {
        using var machine = new GupMachine();
        const ulong address = 64 * GupMachine.LargeSize;
        bool stop = false;
        long read = 0;
        Worker[] readers = [.. Enumerable.Range(0, 2).Select(_ => new Worker(() =>
        {
            var pages = new Page[4];
            while (!Volatile.Read(ref stop))
            {
                int found = FastWalk.Pin(machine.Memory, address, pages, GupFlags.Get | GupFlags.Write, out DevPagemap? map);
                for (int i = 0; i < found; i++)
                {
                    // Its owner writes its address before anybody else can see it, and nobody changes it while it is held.
                    ulong value = MemoryMarshal.Read<ulong>(machine.Space.Memory(pages[i]));
                    Assert.True(value is 0 || value == address + ((ulong)i * PageSize), $"Page {i} holds {value:x}.");
                }
                AddressSpace.PutPages(pages.AsSpan(0, found));
                Interlocked.Add(ref read, found);
            }
        }))];
        var other = new Worker(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                Page page = machine.Space.AllocatePage();
                machine.Space.Memory(page).Fill(0xEE);
                page.Put();
            }
        });
        for (int round = 0; round < 2_000; round++)
        {
            Area area = machine.Memory.MapAnonymous(4 * PageSize, address: address);
            for (ulong at = address; at < area.End; at += PageSize)
                machine.Memory.Write(at, BitConverter.GetBytes(at));
            if (round % 50 == 0)
            {
                long before = Interlocked.Read(ref read);
                Worker.AwaitTrue(() => Interlocked.Read(ref read) > before || readers.Any(each => !each.Thread.IsAlive));
            }
            machine.Memory.Unmap(area);
        }
        Volatile.Write(ref stop, true);
        other.Join();
        foreach (Worker reader in readers)
            reader.Join();
        Assert.Equal(0, machine.Space.AllocatedPages);
    }

    private static void Mark(GupMachine machine)
    {
        for (ulong i = 0; i < 600; i++)
        {
            Page page = machine.Space.PfnToPage(new Pfn(GupMachine.First.Value + i));
            MemoryMarshal.Write(machine.Space.Memory(page), GupMachine.First.Value + i);
        }
    }
}
