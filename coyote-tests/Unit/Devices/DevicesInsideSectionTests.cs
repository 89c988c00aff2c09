using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Devices;

/// <summary>Every call that waits for readers, inside a read section: it would wait for itself, says so by its name, and has changed nothing.</summary>
public sealed class DevicesInsideSectionTests
{
    [Fact]
    public void I37_a_call_that_would_wait_for_its_own_section_is_refused_and_changes_nothing() => Worker.RunWaiting("calls that wait for readers, in their own read section", () =>
    {
        using var machine = new TestMachine();
        PhysicalRegion region = machine.AddDevice();
        var bound = new Device(machine.Table, "bound");
        PmemDevice pmem = PmemDriver.Bind(bound, new PmemNamespace(region));
        using var reference = new PercpuRef();
        DevPagemap map = machine.Table.Register(new PfnRange(new Pfn(1 << 22), 512), reference);
        (string Name, Action Call)[] calls =
        [
            ("Register", () => machine.Table.Register(new PfnRange(new Pfn(1 << 23), 512), reference)),
            ("Unregister", () => machine.Table.Unregister(map)),
            ("DevmMemremapPages", () => machine.Device.DevmMemremapPages(region.Range, reference)),
            ("Unbind", () => bound.Unbind()),
            ("Remove", bound.Remove),
        ];
        using (machine.Table.Epoch.Enter())
        {
            foreach ((string name, Action call) in calls)
            {
                var refused = Assert.Throws<InvalidOperationException>(call);
                Assert.StartsWith($"{name} inside a read section", refused.Message, StringComparison.Ordinal);
            }
        }
        Assert.Same(pmem, bound.DriverData);
        Assert.NotNull(bound.Driver);
        Assert.False(reference.IsDying);
        Assert.Null(machine.Table.GetDevPagemap(new Pfn(1 << 23)));
        bound.Unbind();
        Assert.Null(bound.Driver);
        bound.Remove();
        reference.Kill();
        machine.Table.Unregister(map);
    });
}
