using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Hmm;

/// <summary>Pages that move to a device and back under threads that write, read and pin them.</summary>
public sealed class MigrationThreadsTests
{
    private const int Pages = 32;

    [Fact]
    public void I50_I54_writes_by_access_and_by_pin_survive_migrations_beside_them()
    {
        using var machine = new TestMachine();
        using var space = new AddressSpace(machine.Table);
        HmmDevice device = HmmDevice.Add(machine.Device, 512);
        Area area = space.MapAnonymous(Pages << Pfn.PageShift);
        bool stop = false;
        long lost = 0, writes = 0;
        Worker[] writers = [.. Enumerable.Range(0, 2).Select(ordinal => new Worker(() =>
        {
            var kept = new byte[Pages];
            var random = new Random(ordinal);
            var one = new Page[1];
            var read = new byte[1];
            while (!Volatile.Read(ref stop))
            {
                int page = random.Next(Pages / 2) * 2 + ordinal;
                ulong address = area.Start + ((ulong)page << Pfn.PageShift);
                space.Read(address, read);
                if (read[0] != kept[page])
                    Interlocked.Increment(ref lost);
                kept[page]++;
                if (random.Next(2) == 0)
                {
                    space.Write(address, [kept[page]]);
                }
                else
                {
                    space.GetUserPagesFast(address, one, GupFlags.Get | GupFlags.Write);
                    machine.Space.Memory(one[0])[0] = kept[page];
                    AddressSpace.PutPages(one);
                }
                Interlocked.Increment(ref writes);
            }
        }))];
        long moved = 0;
        for (int round = 0; round < 300 || ((Volatile.Read(ref writes) < 1000 || moved == 0) && round < 100_000); round++)
        {
            moved += device.MigrateToDevice(space, area.Start, Pages);
            if (round % 3 == 0)
                device.MigrateToHost(space, area.Start, Pages);
        }
        Volatile.Write(ref stop, true);
        Array.ForEach(writers, each => each.Join("a page that is on its way"));
        Assert.Equal(0, lost);
        Assert.True(moved > 0 && writes > 0);
        space.Unmap(area);
        Assert.Equal(0, device.AllocatedPages);
        Assert.True(device.Memory.Remove());
    }

    [Fact]
    public void I50_a_device_page_put_by_many_threads_is_freed_once()
    {
        using var machine = new TestMachine();
        HmmDevice device = HmmDevice.Add(machine.Device, 512);
        for (int round = 0; round < 200; round++)
        {
            Page page = device.TryAllocatePage();
            for (int i = 0; i < 3; i++)
                page.Get();
            using var together = new Barrier(4);
            Worker[] holders = [.. Enumerable.Range(0, 4).Select(_ => new Worker(() =>
            {
                together.SignalAndWait();
                page.Put();
            }))];
            Array.ForEach(holders, each => each.Join("the others"));
            Assert.Equal(0, device.AllocatedPages);
            Assert.Equal(1, page.Count);
        }
    }
}
