using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>Memory of a device that the process cannot address, with a page for each of its frames: hot-plugged at a free
/// range of the physical space, and taken away when its last page is free.</summary>
/// <remarks>Kernel: <c>struct hmm_devmem</c>. Thread-safety: every member, from any thread.</remarks>
public sealed class HmmDevmem : IDevicePrivateMemory
{
    private DeviceMapping _mapping = null!;
    private DeviceResource _kill = null!;

    private HmmDevmem(HmmDevmemOps ops, Device device, PhysicalRegion resource)
    {
        Ops = ops;
        Device = device;
        Resource = resource;
        Reference = new PercpuRef();
    }

    /// <summary>What the driver does with its pages. Kernel: <c>ops</c>.</summary>
    public HmmDevmemOps Ops { get; }

    /// <summary>Whose resource it is. Kernel: <c>device</c>.</summary>
    public Device Device { get; }

    /// <summary>The physical range, with the device's memory behind it. Kernel: <c>resource</c>.</summary>
    public PhysicalRegion Resource { get; }

    /// <summary>Its map. Kernel: <c>pagemap</c>.</summary>
    public DevPagemap Pagemap => _mapping.Pagemap!;

    /// <summary>The first frame. Kernel: <c>pfn_first</c>.</summary>
    public Pfn FirstPfn => Resource.Range.Start;

    /// <summary>The last frame. Kernel: <c>pfn_last</c>.</summary>
    public Pfn LastPfn => new(Resource.Range.End.Value - 1);

    /// <summary>Pins the map; every held page holds one. Kernel: <c>ref</c>.</summary>
    public PercpuRef Reference { get; }

    /// <summary>Completes when the memory is being removed and its last page is free. Kernel: <c>completion</c>.</summary>
    public Task Completion => Reference.Released;

    /// <summary>Hot-plugs memory of a device.</summary>
    /// <param name="ops">What the driver does with its pages.</param>
    /// <param name="device">Whose resource it becomes: removed when the driver is unbound, if not before.</param>
    /// <param name="pages">At least 1; rounded up to a multiple of 512.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="pages"/> is 0 or more than the space has.</exception>
    /// <exception cref="OutOfMemoryException">No free physical range of that size, or no memory.</exception>
    /// <exception cref="ObjectDisposedException">The device was removed.</exception>
    /// <exception cref="InvalidOperationException">Inside a read section.</exception>
    /// <remarks>The highest free range is taken, in whole sections. After an exception nothing is left behind. Kernel:
    /// <c>hmm_devmem_add</c>.</remarks>
    public static HmmDevmem Add(HmmDevmemOps ops, Device device, ulong pages)
    {
        ArgumentNullException.ThrowIfNull(ops);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfZero(pages);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pages, device.Space.Capacity);
        device.Table.Epoch.CheckMayWait(nameof(Add));
        ulong rounded = (pages + PagemapTable.PagesPerSubsection - 1) & ~(PagemapTable.PagesPerSubsection - 1);
        PhysicalRegion region = device.Space.AddProtected(rounded, $"{device.Name} memory");
        HmmDevmem? devmem = null;
        try
        {
            devmem = new HmmDevmem(ops, device, region);
            devmem._kill = new DeviceResource(device, "hmm_devmem", devmem.Kill);
            devmem._mapping = MemoryRemap.MapPages(
                device, region.Range, devmem.Reference, null, page => ops.Free(devmem, page), unaddressable: true, driver: devmem,
                released: () => device.Space.Remove(region));
        }
        catch
        {
            devmem?.Reference.Dispose();
            device.Space.Remove(region);
            throw;
        }
        MemoryRemap.Own(device, devmem._kill); // Newer than the mapping, so released before it.
        return devmem;
    }

    /// <summary>Takes the memory away. Waits until its last page is free: whoever has pages must free them or migrate them back.</summary>
    /// <returns>False if it was removed before, or is just being removed by somebody else.</returns>
    /// <exception cref="InvalidOperationException">Inside a read section. Nothing was changed.</exception>
    /// <remarks>From the beginning of the call on no page can be taken out any more; held ones stay usable, and
    /// their faults are served. Kernel: <c>hmm_devmem_remove</c>.</remarks>
    public bool Remove()
    {
        Device.Table.Epoch.CheckMayWait(nameof(Remove));
        _kill.ReleaseOrWait(); // Who unbinds the driver may just be at it.
        return _mapping.Release(); // Waits for whoever holds a page; then the range goes.
    }

    FaultResult IDevicePrivateMemory.Fault(Area area, ulong address, Page page, bool write) => Ops.Fault(this, area, address, page, write);

    /// <summary>Takes a page out that nobody holds, for the driver that keeps the free pages.</summary>
    /// <returns>False if the memory is being removed.</returns>
    internal bool TryTake(Page page)
    {
        if (!Reference.TryGetLive())
            return false;
        page.Get();
        Reference.Put();
        return true;
    }

    // Nothing, if somebody has killed the reference himself.
    private void Kill() => Reference.TryKill();
}
