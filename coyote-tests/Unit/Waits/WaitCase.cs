using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Waits;

/// <summary>A call that waits, what it waits for, and what must hold when it has returned or was interrupted.</summary>
/// <param name="Wait">The call. It waits until <paramref name="LetGo"/>.</param>
/// <param name="LetGo">Makes what it waits for come true; called from another thread, once.</param>
/// <param name="Done">Checks that all has happened, after a call that returned.</param>
internal sealed partial record WaitCase(Action Wait, Action LetGo, Action Done)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>By the call's name in docs/waits.md. Of those that may be interrupted, <see cref="Done"/> calls again.</summary>
    internal static readonly Dictionary<string, Func<WaitCase>> Postponed = new()
    {
        ["Device.Unbind"] = () => Unbinding(device => device.Unbind()),
        ["Device.Remove"] = () => Unbinding(device => device.Remove()),
        ["DeviceMapping.Release"] = ReleasingPages,
        ["DeviceResource.Release elsewhere"] = ReleasingElsewhere,
        ["HmmDevmem.Remove"] = RemovingMemory,
        ["PagemapTable.Unregister"] = Unregistering,
        ["AddressSpace.Unmap"] = () => Unmapping((space, area) => space.Unmap(area)),
        ["AddressSpace.Discard"] = () => Unmapping((space, area) => space.Discard(area.Start, area.Length)),
        ["AddressSpace.Dispose"] = () => Unmapping((space, _) => space.Dispose()),
        ["HmmMigration.Migrate"] = Migrating,
        ["RequestQueue.Freeze"] = Freezing,
        ["RequestQueue.Dispose"] = EndingQueue,
        ["EpochDomain.Dispose"] = DisposingDomain,
        ["AddressSpace, to read"] = () => Locking(reads: true),
        ["AddressSpace, to change"] = () => Locking(reads: false),
        ["AddressSpace, a page that is being moved"] = Faulting,
    };

    /// <summary>Those that an interrupt ends.</summary>
    internal static readonly Dictionary<string, Func<WaitCase>> Ended = new()
    {
        ["PercpuRef.WaitForRelease"] = () => Releasing(reference => Assert.True(reference.WaitForRelease(Minute))),
        ["PercpuRef.WaitForReleaseOrThrow"] = () => Releasing(reference => reference.WaitForReleaseOrThrow(Minute)),
        ["EpochDomain.Synchronize"] = () => Draining(domain => domain.Synchronize()),
        ["EpochDomain.Barrier"] = () => Draining(domain => domain.Barrier()),
        ["RequestQueue.Enter"] = Entering,
        ["RequestQueue.TryFreeze"] = TryingToFreeze,
        ["RequestQueue.WaitFrozen"] = WaitingForFreeze,
    };

    private static WaitCase Freezing()
    {
        var queue = new RequestQueue();
        queue.Enter();
        return new WaitCase(queue.Freeze, queue.Exit, () =>
        {
            Assert.True(queue.IsFrozen && queue.Usage.IsZero);
            queue.Unfreeze();
            Assert.True(queue.TryEnter());
            queue.Exit();
        });
    }

    private static WaitCase EndingQueue()
    {
        var queue = new RequestQueue();
        queue.Enter();
        return new WaitCase(queue.Dispose, queue.Exit, () => Assert.True(queue.IsDying && queue.Usage.IsZero));
    }

    private static WaitCase DisposingDomain()
    {
        var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false });
        bool reclaimed = false;
        var reader = new ParkedReader(domain);
        domain.Retire(() => reclaimed = true);
        return new WaitCase(domain.Dispose, reader.LetGo, () => Assert.True(reclaimed));
    }

    // A fault of a driver keeps the lock of the address space, to read; who changes something waits for it, and others for him.
    private static WaitCase Locking(bool reads)
    {
        var machine = new TestMachine();
        var ops = new SlowFault();
        HmmDevmem memory = HmmDevmem.Add(ops, machine.Device, 512);
        Page page = machine.Space.PfnToPage(memory.FirstPfn);
        var space = new AddressSpace(machine.Table);
        Area area = space.MapAnonymous(4096), other = space.MapAnonymous(4096);
        space.Write(area.Start, [1]);
        Assert.Equal(1, HmmMigration.Migrate(space, area.Start, 1, MigrateSelect.System, new MoveTo(memory, page)));
        var faulting = new Worker(() => Assert.Throws<AccessFaultException>(() => space.Read(area.Start, new byte[1])));
        Worker.Await(ops.Begun);
        Worker? writer = reads ? new Worker(() => space.MapAnonymous(4096)) : null;
        if (writer is not null)
            Worker.AwaitTrue(() => (writer.Thread.ThreadState & ThreadState.WaitSleepJoin) != 0);
        return new WaitCase(() =>
        {
            if (reads)
                space.Write(other.Start, [3]);
            else
                space.MapAnonymous(4096);
        }, ops.End.Set, () =>
        {
            faulting.Join();
            writer?.Join();
            space.Write(other.Start, [4]);
            space.Dispose();
            machine.Dispose();
        });
    }

    private static WaitCase Faulting()
    {
        var machine = new TestMachine();
        HmmDevice device = HmmDevice.Add(machine.Device, 512);
        var space = new AddressSpace(machine.Table);
        Area area = space.MapAnonymous(4096);
        space.Write(area.Start, [7]);
        var slow = new SlowMove(device);
        var moving = new Worker(() => Assert.Equal(1, HmmMigration.Migrate(space, area.Start, 1, MigrateSelect.System, slow)));
        Worker.Await(slow.Begun);
        var found = new byte[1];
        return new WaitCase(() => space.Read(area.Start, found), slow.End.Set, () =>
        {
            moving.Join();
            space.Read(area.Start, found);
            Assert.Equal(7, found[0]);
            space.Dispose();
            machine.Dispose();
        });
    }

    private static WaitCase Releasing(Action<PercpuRef> wait)
    {
        var reference = new PercpuRef();
        reference.Get();
        reference.Kill();
        return new WaitCase(() => wait(reference), reference.Put, () =>
        {
            wait(reference);
            Assert.True(reference.IsZero);
        });
    }

    private static WaitCase Draining(Action<EpochDomain> wait)
    {
        var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false });
        bool reclaimed = false;
        var reader = new ParkedReader(domain);
        domain.Retire(() => reclaimed = true);
        return new WaitCase(() => wait(domain), reader.LetGo, () =>
        {
            reader.Leave();
            wait(domain);
            domain.Barrier();
            Assert.True(reclaimed);
            Assert.Equal(0, domain.RetiredCount);
        });
    }

    private static WaitCase Entering()
    {
        var queue = new RequestQueue();
        queue.Freeze();
        int inside = 0;
        return new WaitCase(() =>
        {
            queue.Enter();
            inside++;
        }, queue.Unfreeze, () =>
        {
            Assert.Equal(1 + inside, queue.Usage.ApproximateCount);
            for (; inside > 0; inside--)
                queue.Exit();
            Assert.True(queue.TryFreeze(Minute));
        });
    }

    private static WaitCase TryingToFreeze()
    {
        var queue = new RequestQueue();
        queue.Enter();
        bool frozen = false;
        return new WaitCase(() => frozen = queue.TryFreeze(Minute), queue.Exit, () =>
        {
            Assert.Equal(frozen, queue.IsFrozen); // Undone, if it was interrupted.
            if (frozen)
                queue.Unfreeze();
            Assert.True(queue.TryEnter());
            queue.Exit();
        });
    }

    private static WaitCase WaitingForFreeze()
    {
        var queue = new RequestQueue();
        queue.Enter();
        queue.FreezeStart();
        return new WaitCase(queue.WaitFrozen, queue.Exit, () =>
        {
            Assert.True(queue.IsFrozen);
            queue.WaitFrozen();
            queue.Unfreeze();
            Assert.True(queue.TryEnter());
            queue.Exit();
        });
    }
}
