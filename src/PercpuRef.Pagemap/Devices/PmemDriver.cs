using Percpu.Memory;

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
    /// <exception cref="InfoBlockException">What the medium holds is damaged, of a version, parent or place that does not count, of a
    /// longer medium, or not what the namespace must hold. Nothing was written.</exception>
    /// <remarks>A btt's structure is checked as a whole first, which takes a scan of its map; interrupted writes are finished.
    /// And what <see cref="Device.Bind"/> and <see cref="MemoryRemap.DevmMemremapPages"/> throw. Kernel: <c>nd_pmem_probe</c>.</remarks>
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
        NamespaceContent content = Allocate(device, out RequestQueue queue);
        PfnFlags flags = PfnFlags.Device;
        PfnRange range = _namespace.Range;
        DeviceMapping mapping;
        if (content.Mode is NamespaceMode.Pfn or NamespaceMode.Dax || (content.Mode == NamespaceMode.Raw && _namespace.MapPages))
        {
            PfnLayout layout = content.Mode == NamespaceMode.Raw ? new PfnLayout(range, null, 0, 0) : PfnLayout.Of(_namespace, content);
            mapping = device.DevmMemremapPages(layout.Range, queue.Usage, layout.Altmap);
            flags |= PfnFlags.Mapped;
        }
        else
        {
            mapping = MemoryRemap.MapPlain(device, range);
        }
        var pmem = new PmemDevice(content.Mode, region, mapping, flags);
        pmem.Disk = AttachDisk(device, queue, content, flags);
        device.DriverData = pmem;
    }

    /// <summary>Claims the range, allocates the queue, and looks for an info block.</summary>
    private NamespaceContent Allocate(Device device, out RequestQueue queue)
    {
        PhysicalRegion region = _namespace.Region;
        long offset = _namespace.Offset;
        var claim = new DeviceResource(device, "claim", () => region.Unclaim(offset));
        if (!region.TryClaim(offset, _namespace.Length))
            throw new RangeBusyException($"'{_namespace.Name}' is claimed by another driver.");
        MemoryRemap.Own(device, claim);
        DeviceResource rawOwner = AddQueue(device, out queue);
        DeviceMapping probe = MemoryRemap.MapPlain(device, _namespace.Range);
        NamespaceMode? expected = _namespace.Expected;
        NamespaceContent content = expected == NamespaceMode.Raw ? new NamespaceContent() : _namespace.Find(Medium());
        probe.Release();
        if (expected is not null && expected != content.Mode)
            throw new InfoBlockException($"'{_namespace.Name}' holds {content.Mode}, not {expected}.", content.Mode == NamespaceMode.Raw ? InfoBlockFault.Foreign : InfoBlockFault.Unexpected);
        if (content.Legacy is not null)
            PercpuEventSource.Log.Warning($"'{_namespace.Name}' is in the legacy format of the library's first version.");
        if (content.Mode == NamespaceMode.Raw)
            return content;
        // It is formatted: the queue of the raw namespace goes, and pfn and btt bring their own.
        rawOwner.Release();
        AddQueue(device, out queue);
        return content;
    }

    private static DeviceResource AddQueue(Device device, out RequestQueue queue)
    {
        queue = new RequestQueue();
        try
        {
            var owner = new DeviceResource(device, "queue", queue.Dispose);
            MemoryRemap.Own(device, owner);
            return owner;
        }
        catch
        {
            queue.Dispose(); // Else it is reported as dropped while live.
            throw;
        }
    }

    /// <summary>The disk comes last and goes first: its queue is drained before anything is unmapped.</summary>
    private BlockDisk AttachDisk(Device device, RequestQueue queue, NamespaceContent content, PfnFlags flags)
    {
        BlockDisk disk = CreateDisk(device.Name, queue, content, flags);
        MemoryRemap.Own(device, new DeviceResource(device, "disk", () =>
        {
            DetachDisk(device, queue);
            disk.Forget();
        }));
        return disk;
    }

    private BlockDisk CreateDisk(string name, RequestQueue queue, NamespaceContent content, PfnFlags flags)
    {
        PmemMedium medium = Medium();
        if (content.Mode == NamespaceMode.Raw)
            return new PmemDisk(name, queue, medium, 0, medium.Length, flags);
        if (content.Mode != NamespaceMode.Btt)
        {
            PfnLayout layout = PfnLayout.Of(_namespace, content);
            return new PmemDisk(name, queue, medium, layout.DataOffset, layout.DataLength, flags);
        }
        return content.Legacy is { } legacy
            ? new LegacyBttDisk(name, queue, medium, legacy)
            : new BttDisk(name, queue, BttStore.Open(medium, content, _namespace.AllowDamaged));
    }

    private PmemMedium Medium() => new(_namespace.Region, _namespace.Offset, _namespace.Length);

    // Refuses new requests, then waits for those inside and for every pin.
    private static void DetachDisk(Device device, RequestQueue queue)
    {
        queue.MarkDying();
        queue.WaitDrained($"Detaching the disk of '{device.Name}'", device.StallReportAfter);
    }
}
