using Percpu.Pagemap;

namespace Percpu.Unit.Failures.Shortages;

/// <summary>An address space over RAM, a disk and pages of a device: faults, get_user_pages, and everything unmapped.</summary>
internal static class ProcessMemoryProgram
{
    internal static void Run(LastSteps last, string folder)
    {
        var machine = new ShortMachine(last);
        PhysicalRegion region = machine.Space.AddDevice(ShortMachine.Device, "pmem");
        PmemDisk disk = LastSteps.Do(() => (PmemDisk)PmemDriver.Bind(machine.Owner, new PmemNamespace(region, mapPages: true)).Disk);
        last.CheckAtLast(() => machine.Space.AllocatedPages == 0, "Pages of RAM are left.");
        AddressSpace memory = last.Add(new AddressSpace(machine.Table));
        byte[] bytes = new byte[3 * ShortMachine.PageSize];
        Area anonymous = LastSteps.Do(() => memory.MapAnonymous(64 * ShortMachine.PageSize));
        LastSteps.Do(() => memory.Write(anonymous.Start + 100, bytes));
        LastSteps.Do(() => memory.Read(anonymous.Start + 100, bytes));
        memory.MarkNumaHints(anonymous.Start, anonymous.Length);
        LastSteps.Do(() => memory.Discard(anonymous.Start + ShortMachine.PageSize, 2 * ShortMachine.PageSize));

        Area dax = LastSteps.Do(() => memory.MapDax(disk, 0, 512 * ShortMachine.PageSize));
        Area small = LastSteps.Do(() => memory.MapDax(disk, 4096, 4 * ShortMachine.PageSize, AreaAccess.ReadWrite, (1UL << 30) + ShortMachine.PageSize));
        Area mixed = LastSteps.Do(() => memory.MapMixed(2 * ShortMachine.PageSize, AreaAccess.ReadWrite, 2UL << 30));
        Page page = machine.Space.AllocatePage();
        try
        {
            LastSteps.Do(() => memory.InsertPfn(mixed, mixed.Start, machine.Space.PageToPfn(page), PfnFlags.None));
        }
        finally
        {
            page.Put(); // The entry holds it.
        }
        LastSteps.Do(() => memory.Unmap(mixed));
        var pages = new Page[8];
        foreach (Area area in new[] { anonymous, dax })
        {
            int got = memory.GetUserPages(area.Start, pages);
            AddressSpace.PutPages(pages.AsSpan(0, got));
            got = memory.GetUserPagesFast(area.Start, pages, GupFlags.Get | GupFlags.Write);
            AddressSpace.PutPages(pages.AsSpan(0, got));
            using PinnedPages pinned = memory.PinUserPages(area.Start, pages.AsSpan(0, 2));
        }
        LastSteps.Do(() => memory.Discard(dax.Start + ShortMachine.PageSize, 2 * ShortMachine.PageSize)); // A part of a large entry.
        LastSteps.Do(() => memory.Unmap(small));
        LastSteps.Do(() => memory.Unmap(dax));
        LastSteps.Do(() => memory.Unmap(anonymous));
        Area left = LastSteps.Do(() => memory.MapDax(disk, 0, 512 * ShortMachine.PageSize));
        AddressSpace.PutPages(pages.AsSpan(0, memory.GetUserPages(left.Start, pages)));
        machine.Owner.Unbind(); // Clears what still shows the disk.
        last.Check(memory.Lookup(left.Start).IsNone, "An entry shows memory that is gone.");
    }
}
