using Percpu.Pagemap;

namespace Percpu.Unit.Failures.Shortages;

/// <summary>Memory of a device that the process cannot address: pages move there and come back, then it is removed.</summary>
internal static class PrivateMemoryProgram
{
    internal static void Run(LastSteps last, string folder)
    {
        var machine = new ShortMachine(last);
        HmmDevice device = LastSteps.Do(() => HmmDevice.Add(machine.Owner, 512));
        last.CheckAtLast(() => device.AllocatedPages == 0 && machine.Space.AllocatedPages == 0, "Pages are left.");
        AddressSpace memory = last.Add(new AddressSpace(machine.Table));
        Area area = memory.MapAnonymous(100 * ShortMachine.PageSize);
        byte[] written = new byte[100 * ShortMachine.PageSize], read = new byte[written.Length];
        new Random(1).NextBytes(written);
        LastSteps.Do(() => memory.Write(area.Start, written));
        try
        {
            LastSteps.Do(() => device.MigrateToDevice(memory, area.Start, 100));
            LastSteps.Do(() => memory.Read(area.Start + 5 * ShortMachine.PageSize, read.AsSpan(0, 100)));
            LastSteps.Do(() => device.MigrateToHost(memory, area.Start, 100));
            LastSteps.Do(() => device.MigrateToDevice(memory, area.Start, 50));
        }
        finally
        {
            LastSteps.Do(() => memory.Read(area.Start, read));
            last.Check(read.AsSpan().SequenceEqual(written), "Bytes were lost on their way.");
        }
        LastSteps.Do(() => memory.Unmap(area));
        _ = device.Memory.Completion;
        LastSteps.Do(device.Memory.Remove);
        LastSteps.Do(() => HmmDevmem.Add(new NoOps(), machine.Owner, 100)).Remove();
    }

    private sealed class NoOps : HmmDevmemOps
    {
        protected internal override FaultResult Fault(HmmDevmem devmem, Area area, ulong address, Page page, bool write) => FaultResult.Error;

        protected internal override void Free(HmmDevmem devmem, Page page)
        {
        }
    }
}
