using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A device's memory is removed while its driver is unbound: one of them does it, once, and what the driver acquired
/// before it stays until the memory is gone.</summary>
[Sizes(0, 1)]
internal sealed class HmmRemoveAgainstUnbind(int holders) : Scenario
{
    private const long Mark = 0x50;

    public override string Name => $"hmm-remove-unbind-{holders}";

    public override string Description =>
        $"The memory of a device is removed, while its driver is unbound{(holders == 0 ? "" : " and somebody still holds a page")}.";

    public override string Covers => "I44 I50";

    public override void Arrange(Stage stage)
    {
        var machine = new Machine(stage);
        int blocks = stage.Execution.Heap.Outstanding;
        var driver = new Driver(stage);
        machine.Device.Bind(driver);
        HmmDevmem memory = driver.Device.Memory;
        Pfn pfn = memory.FirstPfn;
        for (int i = 1; i <= holders; i++)
        {
            Page page = driver.Device.TryAllocatePage();
            page.DriverData = Mark;
            stage.Thread($"holder {i}", () =>
            {
                stage.Check(page.DriverData == Mark && page.Count == 2, "The page is gone, and somebody holds it.");
                page.Put();
            });
        }
        machine.Space.PfnToPage(pfn);
        stage.Thread("owner", () =>
        {
            if (memory.Remove())
                MustBeGone();
            stage.Check(driver.Device.TryAllocatePage().IsNull, "A page of removed memory was taken.");
            stage.Check(!memory.Remove(), "Removed twice.");
        });
        stage.Thread("driver core", () =>
        {
            machine.Device.Unbind();
            MustBeGone();
            stage.Check(driver.Released == "newer older ", $"Released when the driver is unbound: {driver.Released}");
        });
        stage.Finally(() =>
        {
            stage.Check(machine.Space.PfnToPage(pfn).IsNull, "The frames are still there at the end.");
            stage.Check(machine.Device.Driver is null, "Still bound at the end.");
            stage.Check(stage.Execution.Heap.Outstanding == blocks, "Native blocks leaked.");
        });

        void MustBeGone()
        {
            stage.Check(memory.Reference.IsZero && memory.Completion.IsCompletedSuccessfully, "Removed, and not complete.");
            stage.Check(machine.Space.FindRegion(pfn) is null, "Removed, and the range is still there.");
        }
    }

    /// <summary>Acquires something before the memory, which its pages need as long as there are any, and something after it.</summary>
    private sealed class Driver(Stage stage) : DeviceDriver
    {
        private readonly Ghost _olderIsGone = stage.Ghost("older resource is gone");

        public override string Name => "driver";

        internal HmmDevice Device { get; private set; } = null!;

        internal string Released { get; private set; } = "";

        protected internal override void Probe(Pagemap.Device device)
        {
            device.AddResource("older", () =>
            {
                _olderIsGone.Set(1);
                Released += "older ";
                stage.Check(Device.Memory.Reference.IsZero && Device.AllocatedPages == 0 && device.Space.FindRegion(Device.Memory.FirstPfn) is null,
                    "What the driver acquired before its memory was released before it.");
            });
            Device = HmmDevice.Add(device, 1);
            stage.Named(Device.Memory.Reference, "devmem");
            device.AddResource("newer", () => Released += "newer ");
        }
    }
}
