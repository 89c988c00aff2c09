using Percpu.Pagemap;
using Percpu.Unit.Media;

namespace Percpu.Unit.Failures.Shortages;

/// <summary>Media that others have written: a pool, the library's own first format, and a btt whose first block is gone.</summary>
internal static class OldMediaProgram
{
    private const long Bytes = 32L << 20;

    internal static void Run(LastSteps last, string folder)
    {
        var machine = new ShortMachine(last);
        PhysicalRegion region = machine.Space.AddDevice(new PfnRange(ShortMachine.Device.Start, (ulong)Bytes >> Pfn.PageShift), "pmem");
        var names = new PmemNamespace(region);
        byte[] sector = new byte[512];

        names.Use(static medium =>
        {
            medium.Write(0, "PMEMBLK\0"u8);
            medium.Write(4096, [0, 2, 0, 0]); // Sectors of 512 bytes.
            return 0;
        });
        Use(machine, names, sector);
        names.Use(static medium =>
        {
            medium.Write(8192, new byte[4096]);
            return 0;
        });
        _ = names.Inspect();
        _ = names.Check();
        LastSteps.Do(names.Repair);
        Use(machine, names, sector);
        names.Use(static medium =>
        {
            byte[] block = new byte[4096];
            medium.Read(8192, block);
            BttInfo info = BttInfo.Read(block);
            medium.Write(8192 + info.Copy, new byte[4096]);
            return 0;
        });
        LastSteps.Do(names.Repair);
        names.Use(static medium =>
        {
            byte[] block = new byte[4096];
            medium.Read(8192, block);
            BttInfo info = BttInfo.Read(block);
            for (uint sector = 0; sector < 2; sector++)
                medium.Write(8192 + info.MapEntryAt(sector), [5, 0, 0, 0xC0]); // Two sectors on one block.
            return 0;
        });
        last.Check(!LastSteps.Do(() => names.Check()).IsSound, "A shared block was not found.");

        names.Use(static medium =>
        {
            medium.Write(0, new byte[64 << 10]);
            LegacyMedium.Write(medium, new LegacyInfoBlock(NamespaceMode.Btt, 8192, medium.Length, 512));
            return 0;
        });
        Use(machine, names.With(NamespaceMode.Btt), sector);
        Use(machine, names.With(NamespaceMode.Raw), sector);
        _ = names.Inspect();
    }

    private static void Use(ShortMachine machine, PmemNamespace names, byte[] sector)
    {
        BlockDisk disk = LastSteps.Do(() => PmemDriver.Bind(machine.Owner, names).Disk);
        LastSteps.Do(() => disk.Write(512, sector));
        LastSteps.Do(() => disk.Read(512, sector));
        machine.Owner.Unbind();
    }
}
