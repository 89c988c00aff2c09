using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Hmm;

/// <summary>What waits for a page that is being moved, and what a move waits for.</summary>
public sealed class ClaimedEntryTests
{
    private const ulong PageSize = 4096;

    [Fact]
    public void I50_an_access_waits_for_its_own_page_and_for_none_beside_it()
    {
        using var machine = new TestMachine();
        var space = new AddressSpace(machine.Table);
        Area area = space.MapAnonymous(3 * PageSize);
        space.Write(area.Start, Enumerable.Repeat((byte)9, 3 * (int)PageSize).ToArray());
        ulong[] addresses = [area.Start, area.Start + PageSize, area.Start + (2 * PageSize)];
        PageTableEntry[] entries = [.. addresses.Select(space.Lookup)];
        byte[] read = new byte[1];
        bool ended = false;
        space.EnterRead();
        for (int i = 0; i < 3; i++)
            Assert.True(space.TryClaim(addresses[i], entries[i]));
        var reader = new Worker(() =>
        {
            space.Read(addresses[1] + 7, read);
            Volatile.Write(ref ended, true);
        });
        try
        {
            Worker.AwaitTrue(() => Volatile.Read(ref ended) || (reader.Thread.ThreadState & ThreadState.WaitSleepJoin) != 0);
            Assert.False(Volatile.Read(ref ended));
            space.Publish(addresses[1], entries[1]);
            reader.Join("a page that has been moved, while its neighbours are");
            Assert.Equal([9], read);
        }
        finally
        {
            for (int i = 0; i < 3; i++)
            {
                if (space.Lookup(addresses[i]).IsClaimed)
                    space.Publish(addresses[i], entries[i]);
            }
            space.ExitRead();
        }
        Worker.RunWaiting("accesses to the address space", space.Dispose);
    }

    [Fact]
    public void I50_an_access_inside_a_read_section_does_not_wait_for_a_page_that_is_being_moved_and_is_told()
    {
        using var machine = new TestMachine();
        var space = new AddressSpace(machine.Table);
        Area area = space.MapAnonymous(3 * PageSize);
        space.Write(area.Start, new byte[3 * PageSize]);
        ulong address = area.Start + PageSize;
        PageTableEntry entry = space.Lookup(address);
        space.EnterRead();
        Assert.True(space.TryClaim(address, entry));
        try
        {
            // On a thread of its own: it may look at the page for ever.
            Worker.RunWaiting("nothing at all", () =>
            {
                using EpochReader reader = machine.Table.Epoch.Enter();
                Assert.Throws<InvalidOperationException>(() => space.Read(address, new byte[1]));
            });
        }
        finally
        {
            space.Publish(address, entry);
            space.ExitRead();
        }
        Worker.RunWaiting("accesses to the address space", space.Dispose);
    }

    [Fact]
    public void I50_pages_of_RAM_are_copied_after_those_who_were_walking_have_left()
    {
        using var machine = new TestMachine();
        var space = new AddressSpace(machine.Table);
        Area area = space.MapAnonymous(3 * PageSize);
        space.Write(area.Start, new byte[3 * PageSize]);
        space.Write(area.Start + PageSize, [3]);
        bool leaving = false, copying = false, hadLeft = false;
        bool[] moving = [];
        var ops = new Filler((sources, _) =>
        {
            moving = [.. sources.ToArray().Select(source => !source.IsNull)];
            hadLeft = Volatile.Read(ref leaving);
            Volatile.Write(ref copying, true);
        });
        using (var reader = new ParkedReader(machine.Table.Epoch, beforeLeaving: () => Volatile.Write(ref leaving, true)))
        {
            // On a thread of its own: it may try to take the entry for ever.
            var mover = new Worker(() => Assert.Equal(0, HmmMigration.Migrate(space, area.Start + PageSize, 1, MigrateSelect.System, ops)));
            Worker.AwaitTrue(() => Volatile.Read(ref copying) || (space.Lookup(area.Start + PageSize).IsClaimed && (mover.Thread.ThreadState & ThreadState.WaitSleepJoin) != 0));
            Assert.False(space.Lookup(area.Start).IsClaimed || space.Lookup(area.Start + (2 * PageSize)).IsClaimed);
            reader.LetGo();
            mover.Join("readers that have left");
        }
        Assert.Equal([true], moving);
        Assert.True(hadLeft);
        byte[] read = new byte[1];
        space.Read(area.Start + PageSize, read);
        Assert.Equal([3], read);
        Worker.RunWaiting("accesses to the address space", space.Dispose);
    }
}
