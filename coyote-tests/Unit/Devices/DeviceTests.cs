using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Devices;

public sealed class DeviceTests
{
    [Fact]
    public void Resources_are_released_in_reverse_order_at_unbind()
    {
        using var machine = new TestMachine();
        var order = new List<string>();
        Worker.RunWaiting("the end of a chain of resources", () => machine.Device.Bind(new Driver(device =>
        {
            device.AddResource("a", () => order.Add("a"));
            DeviceResource b = device.AddResource("b", () => order.Add("b"));
            device.AddResource("c", () => order.Add("c"));
            Assert.True(b.Release());
            Assert.False(b.Release());
            device.AddResource("d", () => order.Add("d"));
        }, () => order.Add("remove"))));
        Assert.Equal(["b"], order);
        machine.Device.Unbind();
        Assert.Equal(["b", "remove", "d", "c", "a"], order);
        Assert.Null(machine.Device.Driver);
    }

    [Fact]
    public void What_a_device_cannot_be_in_its_state_is_told_with_the_state()
    {
        using var machine = new TestMachine();
        Device device = machine.Device;
        Assert.Equal("Device 'test0' cannot be unbound: no driver is bound to it.", Assert.Throws<InvalidOperationException>(() => device.Unbind()).Message);
        var driver = new Driver(AssertBusy, () => AssertBusy(device));
        device.Bind(driver);
        Assert.Equal("Device 'test0' cannot be bound: it is bound.", Assert.Throws<DeviceBusyException>(() => device.Bind(driver)).Message);
        device.Unbind();
        device.Remove();
        Assert.All((Action[])[() => device.Unbind(), () => device.Bind(driver)], call => Assert.Contains("Device 'test0' was removed.", Assert.Throws<ObjectDisposedException>(call).Message, StringComparison.Ordinal));

        static void AssertBusy(Device device)
        {
            foreach ((Action call, string what) in (ReadOnlySpan<(Action, string)>)[(() => device.Bind(new Driver(static _ => { })), "bound"), (() => device.Unbind(), "unbound"), (device.Remove, "removed")])
                Assert.Equal($"Device 'test0' cannot be {what}: it is being bound or unbound.", Assert.Throws<DeviceBusyException>(call).Message);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_resource_that_is_released_early_leaves_the_others_in_their_order(int early)
    {
        using var machine = new TestMachine();
        var order = new List<int>();
        // A chain that was joined wrongly may have no end: on a thread of its own, so that this is told.
        Worker.RunWaiting("the end of a chain of resources", () =>
        {
            machine.Device.Bind(new Driver(device =>
            {
                DeviceResource[] all = [.. Enumerable.Range(0, 4).Select(i => device.AddResource($"{i}", () => order.Add(i)))];
                Assert.True(all[early].Release());
                Assert.False(all[early].Release());
            }));
            machine.Device.Unbind();
        });
        Assert.Equal([early, .. Enumerable.Range(0, 4).Reverse().Where(i => i != early)], order);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_device_without_a_driver_keeps_neither_the_last_one_nor_its_data(bool remove)
    {
        using var machine = new TestMachine();
        (WeakReference driver, WeakReference data) = BindAndLeave(machine.Device, remove);
        Collector.CollectUntil(() => !driver.IsAlive && !data.IsAlive);
        Assert.Null(machine.Device.DriverData);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static (WeakReference Driver, WeakReference Data) BindAndLeave(Device device, bool remove)
    {
        var data = new object();
        var driver = new Driver(each => each.DriverData = data);
        device.Bind(driver);
        Assert.Same(driver, device.Driver);
        Assert.Same(data, device.DriverData);
        if (remove)
            device.Remove();
        else
            device.Unbind(driver);
        Assert.Null(device.Driver);
        return (new WeakReference(driver), new WeakReference(data));
    }

    [Fact]
    public void A_failed_bind_undoes_itself_and_the_device_can_be_bound_again()
    {
        using var machine = new TestMachine();
        var order = new List<string>();
        var bad = new Driver(device =>
        {
            device.DriverData = "half";
            device.AddResource("a", () => order.Add("a"));
            device.AddResource("b", () => order.Add("b"));
            throw new FormatException();
        });
        Assert.Throws<FormatException>(() => machine.Device.Bind(bad));
        Assert.Equal(["b", "a"], order);
        Assert.Null(machine.Device.DriverData);
        var good = new Driver(_ => { });
        machine.Device.Bind(good);
        Assert.Same(good, machine.Device.Driver);
    }

    [Fact]
    public void A_second_bind_and_unbinding_another_driver_are_refused()
    {
        using var machine = new TestMachine();
        var driver = new Driver(device => Assert.Throws<DeviceBusyException>(() => device.Bind(new Driver(_ => { }))));
        Assert.Throws<InvalidOperationException>(() => machine.Device.Unbind());
        Assert.Throws<ArgumentNullException>(() => machine.Device.Bind(null!));
        machine.Device.Bind(driver);
        Assert.Throws<DeviceBusyException>(() => machine.Device.Bind(driver));
        Assert.Throws<ArgumentException>(() => machine.Device.Unbind(new Driver(_ => { })));
        Assert.Same(driver, machine.Device.Driver);
        machine.Device.Unbind(driver);
        machine.Device.Remove();
        machine.Device.Remove();
        Assert.Throws<ObjectDisposedException>(() => machine.Device.Bind(driver));
        Assert.Throws<ObjectDisposedException>(() => machine.Device.AddResource("late", () => { }));
    }

    [Fact]
    public void An_exception_of_one_release_does_not_keep_the_others_from_running()
    {
        using var machine = new TestMachine();
        int released = 0;
        machine.Device.Bind(new Driver(device =>
        {
            device.AddResource("a", () => released++);
            device.AddResource("b", () => throw new FormatException());
            device.AddResource("c", () => throw new OverflowException());
        }));
        var failure = Assert.Throws<AggregateException>(() => machine.Device.Unbind());
        Assert.Equal(2, failure.InnerExceptions.Count);
        Assert.Equal(1, released);
        machine.Device.Bind(new Driver(_ => { }));
    }

    [Fact]
    public void Unbinding_waits_for_a_release_that_another_thread_has_begun_before_it_releases_anything_older()
    {
        using var machine = new TestMachine();
        var order = new List<string>();
        using var begun = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        using var atOlder = new ManualResetEventSlim();
        DeviceResource slow = null!;
        machine.Device.Bind(new Driver(device =>
        {
            device.AddResource("older", () => order.Add("older"));
            slow = device.AddResource("slow", () =>
            {
                begun.Set();
                goOn.Wait(TestContext.Current.CancellationToken);
                order.Add("slow");
            });
            device.AddResource("newer", () =>
            {
                order.Add("newer");
                atOlder.Set();
            });
        }));
        bool released = false;
        var releaser = new Worker(() => released = slow.Release());
        begun.Wait(TestContext.Current.CancellationToken);
        Assert.False(slow.Release()); // Does not wait.
        var unbinder = new Worker(() => machine.Device.Unbind());
        atOlder.Wait(TestContext.Current.CancellationToken);
        Assert.False(unbinder.Thread.Join(20));
        goOn.Set();
        unbinder.Join();
        releaser.Join();
        Assert.True(released);
        Assert.Equal(["newer", "slow", "older"], order);
        Assert.Null(machine.Device.Driver);
    }

    [Fact]
    public void A_release_may_unbind_its_own_device()
    {
        using var machine = new TestMachine();
        var order = new List<string>();
        DeviceResource inner = null!;
        machine.Device.Bind(new Driver(device =>
        {
            device.AddResource("older", () => order.Add("older"));
            inner = device.AddResource("inner", () =>
            {
                machine.Device.Unbind();
                order.Add("inner");
                Assert.False(inner.Release());
            });
        }));
        Assert.True(inner.Release());
        Assert.Equal(["older", "inner"], order);
        machine.Device.Bind(new Driver(_ => { }));
    }

    [Fact]
    public void A_release_that_throws_on_another_thread_holds_nobody_up()
    {
        using var machine = new TestMachine();
        int released = 0;
        DeviceResource bad = null!;
        machine.Device.Bind(new Driver(device =>
        {
            device.AddResource("older", () => released++);
            bad = device.AddResource("bad", () => throw new FormatException());
        }));
        Assert.Throws<FormatException>(() => bad.Release());
        Assert.False(bad.Release());
        machine.Device.Unbind();
        Assert.Equal(1, released);
    }

    [Fact]
    public void What_is_added_while_a_removed_device_releases_its_resources_is_released_too()
    {
        using var machine = new TestMachine();
        int released = 0;
        machine.Device.AddResource("adds another", () => machine.Device.AddResource("late", () => released++));
        machine.Device.Remove();
        Assert.Equal(1, released);
    }

    [Fact]
    public void When_undoing_a_failed_bind_fails_too_both_exceptions_reach_the_caller()
    {
        using var machine = new TestMachine();
        var failure = Assert.Throws<AggregateException>(() => machine.Device.Bind(new Driver(device =>
        {
            device.AddResource("a", () => throw new OverflowException());
            throw new FormatException();
        })));
        Assert.Equal([typeof(FormatException), typeof(OverflowException)], failure.InnerExceptions.Select(each => each.GetType()));
        machine.Device.Bind(new Driver(_ => { }));
    }

    [Fact]
    public void A_device_keeps_its_node_and_its_drivers_data()
    {
        using var machine = new TestMachine();
        var device = new Device(machine.Table, "near", numaNode: 3);
        Assert.Equal(3, device.NumaNode);
        Assert.Equal(-1, machine.Device.NumaNode);
        device.DriverData = "mine";
        Assert.Equal("mine", device.DriverData);
        device.Remove();
        Assert.Null(device.DriverData);
    }

    [Fact]
    public void Unbinding_inside_a_read_section_is_refused()
    {
        using var machine = new TestMachine();
        machine.Device.Bind(new Driver(_ => { }));
        using (EpochDomain.Shared.Enter())
        {
            Assert.Throws<InvalidOperationException>(() => machine.Device.Unbind());
            Assert.Throws<InvalidOperationException>(() => machine.Device.Remove());
        }
        Assert.Throws<ArgumentException>(() => new Device(new PagemapTable(), "no space"));
        Assert.Throws<ArgumentException>(() => new Device(machine.Table, ""));
    }

    private sealed class Driver(Action<Device> probe, Action? remove = null) : DeviceDriver
    {
        public override string Name => "driver";

        protected internal override void Probe(Device device) => probe(device);

        protected internal override void Remove(Device device) => remove?.Invoke();
    }
}
