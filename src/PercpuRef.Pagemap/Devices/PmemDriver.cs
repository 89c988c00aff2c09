namespace Percpu.Pagemap;

/// <summary>Drives persistent memory: finds out what a namespace holds, maps it, and attaches a disk.</summary>
/// <remarks>Kernel: <c>drivers/nvdimm/pmem.c</c>.</remarks>
/// <param name="space">The namespace that devices bound to this driver have.</param>
public sealed class PmemDriver(PmemNamespace space) : DeviceDriver
{
    private readonly PmemNamespace _namespace = space ?? throw new ArgumentNullException(nameof(space));

    /// <inheritdoc/>
    public override string Name => "nd_pmem";

    /// <summary>Binds a device to a namespace.</summary>
    /// <param name="device">An unbound device of the same space.</param>
    /// <param name="space">The namespace.</param>
    /// <exception cref="RangeBusyException">Another driver has claimed the range.</exception>
    /// <exception cref="InfoBlockException">The info block is damaged, of another version or of a longer medium, or not what
    /// the namespace must hold. Nothing was written.</exception>
    /// <exception cref="UnauthorizedAccessException">A read-only medium whose page frames would have to be written.</exception>
    /// <remarks>And what <see cref="Device.Bind"/> and <see cref="MemoryRemap.DevmMemremapPages"/> throw. Kernel: <c>nd_pmem_probe</c>.</remarks>
    public static PmemDevice Bind(Device device, PmemNamespace space)
    {
        ArgumentNullException.ThrowIfNull(device);
        device.Bind(new PmemDriver(space));
        return (PmemDevice)device.DriverData!;
    }

    /// <inheritdoc/>
    protected internal override void Probe(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        PhysicalRegion region = _namespace.Region;
        if (!ReferenceEquals(region.Space, device.Space))
            throw new ArgumentException("The namespace lies in another space than the device.", nameof(device));
        // A namespace is looked at as plain bytes first; with an info block it comes back as what it was formatted for.
        NamespaceMode mode = Allocate(device, out PmemMedium medium, out RequestQueue queue, out InfoBlock info);
        PfnFlags flags = PfnFlags.Device;
        DeviceMapping mapping;
        if (mode == NamespaceMode.Pfn || (mode == NamespaceMode.Raw && _namespace.MapPages))
        {
            if (mode == NamespaceMode.Pfn && !region.IsWritable)
                throw new UnauthorizedAccessException($"'{region.Name}' is read-only: page frames cannot be kept in it.");
            VmemAltmap? altmap = mode == NamespaceMode.Pfn ? AltmapOf(info) : null;
            mapping = device.DevmMemremapPages(region.Range, queue.Usage, altmap);
            flags |= PfnFlags.Mapped;
        }
        else
        {
            mapping = device.DevmMemremap(region.Range);
        }
        var pmem = new PmemDevice(mode, region, mapping, flags);
        pmem.Disk = AttachDisk(device, mode, queue, medium, info, flags);
        device.DriverData = pmem;
    }

    /// <summary>Claims the region, allocates the queue, and looks for an info block.</summary>
    private NamespaceMode Allocate(Device device, out PmemMedium medium, out RequestQueue queue, out InfoBlock info)
    {
        PhysicalRegion region = _namespace.Region;
        if (!region.TryClaim())
            throw new RangeBusyException($"'{region.Name}' is claimed by another driver.");
        MemoryRemap.Own(device, new DeviceResource(device, "claim", region.Unclaim));
        medium = new PmemMedium(region);
        var rawQueue = new RequestQueue();
        DeviceResource rawOwner = new(device, "queue", rawQueue.Dispose);
        MemoryRemap.Own(device, rawOwner);
        DeviceMapping probe = device.DevmMemremap(region.Range);
        NamespaceMode? expected = _namespace.Expected;
        InfoBlock? found = expected == NamespaceMode.Raw ? null : InfoBlock.Read(medium, foreignIsRaw: expected is null);
        probe.Release();
        if (expected is not null && expected != (found?.Mode ?? NamespaceMode.Raw))
            throw new InfoBlockException($"'{region.Name}' holds {found?.Mode ?? NamespaceMode.Raw}, not {expected}.", found is null ? InfoBlockFault.Foreign : InfoBlockFault.Unexpected);
        info = found ?? default;
        queue = rawQueue;
        if (found is null)
            return NamespaceMode.Raw;
        // It is formatted: the queue of the raw namespace goes, and pfn and btt bring their own.
        rawOwner.Release();
        queue = new RequestQueue();
        MemoryRemap.Own(device, new DeviceResource(device, "queue", queue.Dispose));
        return info.Mode;
    }

    private VmemAltmap AltmapOf(InfoBlock info)
    {
        VmemAltmap altmap = _namespace.Altmap;
        ulong data = (ulong)info.DataOffset >> Pfn.PageShift;
        if (data < altmap.Reserve + 1)
            throw new InfoBlockException("The info block leaves no room for page frames.", InfoBlockFault.Inconsistent);
        return new VmemAltmap(altmap.BasePfn, altmap.Reserve, data - altmap.Reserve);
    }

    /// <summary>The disk comes last and goes first: its queue is drained before anything is unmapped.</summary>
    private static BlockDisk AttachDisk(Device device, NamespaceMode mode, RequestQueue queue, PmemMedium medium, InfoBlock info, PfnFlags flags)
    {
        BlockDisk disk = mode == NamespaceMode.Btt
            ? new BttDisk(device.Name, queue, medium, info)
            : new PmemDisk(device.Name, queue, medium, info.DataOffset, flags);
        MemoryRemap.Own(device, new DeviceResource(device, "disk", () =>
        {
            DetachDisk(device, queue);
            disk.Forget();
        }));
        return disk;
    }

    // Refuses new requests, then waits for those inside and for every pin.
    private static void DetachDisk(Device device, RequestQueue queue)
    {
        queue.MarkDying();
        queue.WaitDrained($"Detaching the disk of '{device.Name}'", device.StallReportAfter);
    }
}
