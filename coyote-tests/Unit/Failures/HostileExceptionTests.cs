using Percpu.Buffers;
using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Failures;

/// <summary>A callback of each kind throws what throws when it is looked at, while somebody listens: no step is skipped.</summary>
public sealed class HostileExceptionTests : IDisposable
{
    private static readonly HostileException Hostile = new();

    private readonly PercpuEvents _events = new(); // Or nobody asks for a message.

    public void Dispose() => _events.Dispose();

    [Fact]
    public void I71_release()
    {
        foreach (Action<PercpuRef> end in (Action<PercpuRef>[])[reference => reference.Kill(), reference => reference.Dispose(), reference => PercpuRef.KillAll([reference]), reference => reference.KillAndConfirm(static _ => { }), PutLast])
        {
            var reference = new PercpuRef(static _ => throw Hostile);
            MustThrowIt(() => end(reference));
            Assert.True(reference.IsZero && reference.Released.IsFaulted);
            Assert.True(reference.WaitForRelease(TimeSpan.Zero));
        }

        static void PutLast(PercpuRef reference)
        {
            reference.Get();
            reference.Kill();
            reference.Put();
        }
    }

    [Fact]
    public void I71_release_of_one_in_a_batch()
    {
        int released = 0;
        PercpuRef[] batch = [new(static _ => throw Hostile), new(_ => released++), new(static _ => throw Hostile)];
        var thrown = (AggregateException)Caught.By(() => PercpuRef.KillAll(batch))!;
        Assert.Equal(2, thrown.InnerExceptions.Count);
        Assert.Equal(1, released);
        Assert.All(batch, reference => Assert.True(reference.IsZero));
    }

    [Fact]
    public void I71_confirm()
    {
        var reference = new PercpuRef();
        MustThrowIt(() => reference.KillAndConfirm(static _ => throw Hostile));
        Assert.True(reference.IsZero);
        var other = new PercpuRef(null, PercpuRefOptions.AllowReinit);
        MustThrowIt(() => other.SwitchToAtomic(static _ => throw Hostile));
        Assert.False(other.IsPercpu);
        other.Kill();
        Assert.True(other.IsZero);
    }

    [Fact]
    public void I71_reclaim()
    {
        var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false });
        int ran = 0;
        foreach (Action drain in (Action[])[() => domain.Reclaim(), domain.Barrier, domain.Dispose])
        {
            domain.Retire(static () => throw Hostile);
            domain.Retire(() => ran++);
            MustThrowIt(drain);
        }
        Assert.Equal(3, ran);
        using var background = new EpochDomain();
        using var last = new ManualResetEventSlim();
        background.Retire(static () => throw Hostile);
        background.Retire(last.Set);
        Worker.Await(last);
    }

    [Fact]
    public void I71_resources_and_drivers_of_a_device()
    {
        using var machine = new TestMachine();
        string released = "";
        var driver = new Driver(device =>
        {
            device.AddResource("first", () => released += "first ");
            device.AddResource("second", static () => throw Hostile);
            device.AddResource("third", () => released += "third ");
        });
        foreach (Action end in (Action[])[() => machine.Device.Unbind(), () => Assert.True(machine.Device.Driver is not null), () => machine.Device.Unbind()])
        {
            if (machine.Device.Driver is null)
                machine.Device.Bind(driver);
            driver.RemoveThrows = released.Length > 0;
            Exception? thrown = Caught.By(end);
            Assert.True(thrown is null or HostileException or AggregateException);
        }
        Assert.Equal("third first third first ", released);
        Assert.Null(machine.Device.Driver);

        // Early, by hand; and in a probe that fails.
        DeviceResource early = machine.Device.AddResource("early", static () => throw Hostile);
        MustThrowIt(() => early.Release());
        Assert.False(early.Release());
        released = "";
        Assert.IsType<AggregateException>(Caught.By(() => machine.Device.Bind(new Driver(device =>
        {
            device.AddResource("first", () => released += "first ");
            device.AddResource("second", static () => throw Hostile);
            throw Hostile;
        }))));
        Assert.Equal("first ", released);
        machine.Device.Bind(new Driver(static _ => { }));
    }

    [Fact]
    public void I71_release_of_a_page_mapping_s_reference()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        DeviceMapping mapping = machine.Device.DevmMemremapPages(TestMachine.Pmem, new PercpuRef(static _ => throw Hostile));
        MustThrowIt(() => mapping.Release());
        machine.Device.DevmMemremapPages(TestMachine.Pmem, new PercpuRef()).Release(); // The range is free.
    }

    [Fact]
    public void I71_page_free()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        var reference = new PercpuRef();
        DeviceMapping mapping = machine.Device.DevmMemremapPages(TestMachine.Pmem, reference, pageFree: static _ => throw Hostile);
        Page page = machine.Space.PfnToPage(TestMachine.Pmem.Start);
        page.Get();
        MustThrowIt(page.Put);
        page.Get();
        MustThrowIt(() => AddressSpace.PutPages([page]));
        Assert.Equal(1, page.Count);
        reference.Kill();
        Assert.True(mapping.Release());
    }

    [Fact]
    public void I71_free_and_fault_of_device_memory()
    {
        using var machine = new TestMachine();
        HmmDevmem memory = HmmDevmem.Add(new Ops(), machine.Device, 512);
        Page page = machine.Space.PfnToPage(memory.FirstPfn);
        Assert.True(memory.TryTake(page));
        MustThrowIt(page.Put);
        using (var space = new AddressSpace(machine.Table))
        {
            Area area = space.MapAnonymous(8192);
            space.Write(area.Start, [1]);
            MustThrowIt(() => HmmMigration.Migrate(space, area.Start, 1, MigrateSelect.System, new Moves(default, throws: true)));
            Assert.False(space.Lookup(area.Start).IsClaimed);
            Assert.True(memory.TryTake(page) && page.TryLock());
            MustThrowIt(() => HmmMigration.Migrate(space, area.Start, 1, MigrateSelect.System, new Moves(page, throws: false))); // At its end.
            Assert.True(space.Lookup(area.Start).IsDevicePrivate);
            MustThrowIt(() => space.Read(area.Start, new byte[1]));
            MustThrowIt(() => space.Unmap(area)); // Frees the page.
            Assert.Equal(0, machine.Space.AllocatedPages);
        }
        Assert.True(memory.Remove());
    }

    [Fact]
    public void I71_listeners_of_the_page_tables_when_a_disk_goes()
    {
        using var machine = new TestMachine();
        PmemDevice pmem = PmemDriver.Bind(machine.Device, new PmemNamespace(machine.AddDevice()));
        using var space = new AddressSpace(machine.Table);
        Area area = space.MapDax((PmemDisk)pmem.Disk, 0, 4096);
        ((PmemDisk)pmem.Disk).AddMapping(new object(), static _ => throw Hostile);
        Area behind = space.MapDax((PmemDisk)pmem.Disk, 4096, 4096);
        space.Read(area.Start, new byte[1]);
        space.Read(behind.Start, new byte[1]);
        MustThrowIt(() => machine.Device.Unbind());
        Assert.True(space.Lookup(area.Start).IsNone && space.Lookup(behind.Start).IsNone);
    }

    [Fact]
    public void I71_the_name_of_a_driver()
    {
        using var machine = new TestMachine();
        machine.Device.Bind(new Nameless());
        Assert.NotNull(Caught.By(() => machine.Device.Unbind(new Nameless())));
        Assert.NotNull(machine.Device.Driver);
        machine.Device.Unbind();
    }

    [Fact]
    public void I71_a_handle_that_was_dropped()
    {
        int closed = Drop();
        Collector.CollectUntil(() => Handle.Closed > closed); // On the finalizer's thread: it would end the process.

        static int Drop()
        {
            int before = Handle.Closed;
            _ = new Handle();
            return before;
        }
    }

    private static void MustThrowIt(Action call)
    {
        Exception? thrown = Caught.By(call);
        Assert.True(ReferenceEquals(thrown, Hostile), $"Not the callback's exception: {thrown?.GetType().Name}.");
    }

    private sealed class Driver(Action<Device> probe) : DeviceDriver
    {
        public override string Name => "driver";

        internal bool RemoveThrows { get; set; }

        protected internal override void Probe(Device device) => probe(device);

        protected internal override void Remove(Device device)
        {
            if (RemoveThrows)
                throw Hostile;
        }
    }

    private sealed class Nameless : DeviceDriver
    {
        public override string Name => throw Hostile;

        protected internal override void Probe(Device device)
        {
        }
    }

    private sealed class Ops : HmmDevmemOps
    {
        protected internal override void Free(HmmDevmem devmem, Page page) => throw Hostile;

        protected internal override FaultResult Fault(HmmDevmem devmem, Area area, ulong address, Page page, bool write) => throw Hostile;
    }

    private sealed class Moves(Page destination, bool throws) : MigrateOps
    {
        protected internal override void AllocateAndCopy(Area area, ulong start, ReadOnlySpan<Page> sources, Span<Page> destinations)
        {
            if (throws)
                throw Hostile;
            destinations[0] = destination;
        }

        protected internal override void FinalizeAndMap(Area area, ulong start, ReadOnlySpan<Page> sources, ReadOnlySpan<Page> destinations) => throw Hostile;
    }

    private sealed class Handle : PercpuHandle
    {
        internal Handle()
            : base(-1, ownsHandle: true) => SetHandle(5);

        internal static int Closed;

        public override bool IsInvalid => DangerousGetHandle() == -1;

        protected override bool ReleaseHandle(nint handle)
        {
            Interlocked.Increment(ref Closed);
            throw Hostile;
        }
    }
}
