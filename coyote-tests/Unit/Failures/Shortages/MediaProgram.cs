using Percpu.Pagemap;

namespace Percpu.Unit.Failures.Shortages;

/// <summary>Persistent memory over a file: formatted in each mode, bound, read, written, checked, labelled.</summary>
internal static class MediaProgram
{
    private const long LabelSize = 128 << 10;
    private const long Bytes = (32L << 20) + LabelSize;

    internal static void Run(LastSteps last, string folder)
    {
        var machine = new ShortMachine(last);
        string path = Path.Combine(folder, "medium");
        using (FileStream file = File.Create(path))
            file.SetLength(Bytes);
        PhysicalRegion region = machine.Space.AddDevice(new PfnRange(ShortMachine.Device.Start, (ulong)Bytes >> Pfn.PageShift), "pmem", path);
        byte[] sector = new byte[4096];
        LabelArea labels = LastSteps.Do(() => LabelArea.Create(region, LabelSize));
        foreach (NamespaceMode mode in new[] { NamespaceMode.Btt, NamespaceMode.Pfn, NamespaceMode.Dax, NamespaceMode.Raw })
        {
            PmemNamespace space = LastSteps.Do(() => labels.Create(32L << 20, mode, "one"));
            PmemDevice pmem = LastSteps.Do(() => PmemDriver.Bind(machine.Owner, LabelArea.Open(region).Find("one")));
            if (mode != NamespaceMode.Dax)
            {
                LastSteps.Do(() => pmem.Disk.Write(8192, sector));
                LastSteps.Do(() => pmem.Disk.Read(8192, sector));
                LastSteps.Do(pmem.Disk.Flush);
                (pmem.Disk as BttDisk)?.Trim(8192, 4096);
                (pmem.Disk as PmemDisk)?.Prepare(0, 1 << 20);
            }
            if (pmem.Disk is PmemDisk disk && mode == NamespaceMode.Pfn)
            {
                using DirectMapping direct = disk.DirectAccess(0);
                direct.Span[0] = 1;
            }
            machine.Owner.Unbind();
            _ = space.Inspect();
            last.Check(LastSteps.Do(() => space.Check()).IsSound, "The medium is damaged.");
            LastSteps.Do(() => space.Repair());
            LastSteps.Do(() => labels.Delete(space));
        }
    }
}
