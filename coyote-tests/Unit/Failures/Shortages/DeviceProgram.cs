using Percpu.Pagemap;

namespace Percpu.Unit.Failures.Shortages;

/// <summary>Devices: resources, memory mapped with and without page frames, queues, and all of it let go by the unbinding.</summary>
internal static class DeviceProgram
{
    internal static void Run(LastSteps last, string folder)
    {
        int taken = 0, released = 0;
        last.CheckAtLast(() => released == taken, "Not every resource was released once.");
        var machine = new ShortMachine(last);
        machine.Space.AddDevice(ShortMachine.Device, "memory");
        Driver driver = new(device =>
        {
            device.AddResource("first", () => released++);
            taken++;
            DeviceMapping mapping = device.DevmMemremap(new PfnRange(ShortMachine.Device.Start, 512));
            device.AddResource("second", () => released++);
            taken++;
            mapping.Release();
            device.DevmMemremap(new PfnRange(new Pfn(0), 512)); // RAM, which is mapped anyway.
            device.DevmMemremapPages(new PfnRange(new Pfn(0), 512), null);
            Map(device, altmap: false);
            Map(device, altmap: true);
        });
        LastSteps.Do(() => machine.Owner.Bind(driver));
        machine.Owner.Unbind(driver);
        LastSteps.Do(() => machine.Owner.Bind(driver));
        Queue(last);
    }

    private static void Map(Device device, bool altmap)
    {
        PfnRange range = new(new Pfn(ShortMachine.Device.Start.Value + (altmap ? PagemapTable.PagesPerSection : 1024)), 2048);
        var reference = new PercpuRef();
        DeviceResource kill;
        try
        {
            device.DevmMemremapPages(range, reference, altmap ? new VmemAltmap(range.Start, 0, 512) : null, _ => { });
        }
        catch
        {
            reference.Dispose();
            throw;
        }
        try
        {
            kill = device.AddResource("kill", reference.Kill);
        }
        catch
        {
            reference.Kill();
            throw;
        }
    }

    private static void Queue(LastSteps last)
    {
        RequestQueue queue = last.Add(new RequestQueue(new RequestQueueOptions { Name = "queue", TrackHolders = true }));
        queue.Enter();
        try
        {
            queue.FreezeStart();
        }
        finally
        {
            queue.Exit();
        }
        queue.WaitFrozen();
        queue.Unfreeze();
        queue.Freeze();
        queue.Unfreeze();
    }

    private sealed class Driver(Action<Device> probe) : DeviceDriver
    {
        public override string Name => "driver";

        protected internal override void Probe(Device device) => probe(device);
    }
}
