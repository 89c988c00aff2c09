using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>Mapping a device's memory, with pages or without.</summary>
public static unsafe class MemoryRemap
{
    /// <summary>Maps a range of a device and gives it pages that can be pinned.</summary>
    /// <param name="device">Whose resource the mapping becomes: released with it, in reverse order.</param>
    /// <param name="range">The frames; a range that lies in RAM gets its direct map, and nothing is registered.</param>
    /// <param name="reference">Live; pins the mapping. Killed before the device releases the mapping.</param>
    /// <param name="altmap">Where in the range its frames go; null for the host's memory. Copied.</param>
    /// <param name="pageFree">Called each time nobody holds a page any more; with it, pins count each page.</param>
    /// <exception cref="ArgumentNullException">No device; or no reference (kernel: EINVAL).</exception>
    /// <exception cref="RemapException">The range is partly RAM (a warning event too), or an altmap is not
    /// supported here, or no memory is behind the range (kernel: ENXIO).</exception>
    /// <exception cref="PfnRangeException">The range is empty, wraps or is not aligned (kernel: EINVAL).</exception>
    /// <exception cref="ArgumentException">The reference is not live, or the altmap does not fit the range (kernel: EINVAL).</exception>
    /// <exception cref="RangeBusyException">The range is registered, or shares a section with one that is (kernel: EBUSY).</exception>
    /// <exception cref="OutOfMemoryException">No memory, or the altmap is too small for the frames (kernel: ENOMEM).</exception>
    /// <exception cref="EndOfStreamException">The file behind the range was cut since it was added.</exception>
    /// <exception cref="ObjectDisposedException">The device was removed (kernel: ENODEV).</exception>
    /// <remarks>Checks in the order: mixed, RAM, altmap support, reference, range, busy. After an exception nothing is
    /// left behind. Releasing waits for the reference; if it was still live then, a warning event says so and it is
    /// killed first. Kernel: <c>devm_memremap_pages</c>, <c>devm_memremap_pages_release</c>.</remarks>
    public static DeviceMapping DevmMemremapPages(
        this Device device, PfnRange range, PercpuRef? reference, VmemAltmap? altmap = null, Action<Page>? pageFree = null) =>
        MapPages(device, range, reference, altmap, pageFree, unaddressable: false);

    /// <summary>Maps a range of a device without pages: it can be read and written, never pinned page by page.</summary>
    /// <param name="device">Whose resource the mapping becomes.</param>
    /// <param name="range">The frames.</param>
    /// <exception cref="ArgumentNullException">No device.</exception>
    /// <exception cref="PfnRangeException">The range is empty, wraps or is not aligned.</exception>
    /// <exception cref="RemapException">The range is partly RAM, or no memory is behind it.</exception>
    /// <exception cref="EndOfStreamException">The file behind the range was cut since it was added.</exception>
    /// <exception cref="OutOfMemoryException">No memory.</exception>
    /// <exception cref="ObjectDisposedException">The device was removed.</exception>
    /// <remarks>Kernel: <c>devm_memremap</c>.</remarks>
    public static DeviceMapping DevmMemremap(this Device device, PfnRange range)
    {
        ArgumentNullException.ThrowIfNull(device);
        PagemapTable.Check(range);
        return MapPlain(device, range);
    }

    /// <summary>The same of a range of any whole pages, which no table will ever hold.</summary>
    internal static DeviceMapping MapPlain(Device device, PfnRange range)
    {
        RegionIntersection ram = device.Space.Intersects(range);
        if (ram == RegionIntersection.Mixed)
            throw Mixed(device, range);
        PhysicalRegion region = RegionOf(device, range);
        if (ram == RegionIntersection.Intersects)
            return new DeviceMapping(region, range, null, null);
        var resource = new DeviceResource(device, "memremap", region.Unmap);
        var mapping = new DeviceMapping(region, range, null, resource);
        region.Map();
        Own(device, resource);
        return mapping;
    }

    internal static DeviceMapping MapPages(
        Device device, PfnRange range, PercpuRef? reference, VmemAltmap? altmap, Action<Page>? pageFree, bool unaddressable, object? driver = null, Action? released = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        device.Table.Epoch.CheckMayWait(nameof(DevmMemremapPages));
        bool empty = range.Length == 0 || range.Length > ulong.MaxValue - range.Start.Value;
        RegionIntersection ram = empty ? RegionIntersection.Disjoint : device.Space.Intersects(range);
        if (ram == RegionIntersection.Mixed)
            throw Mixed(device, range);
        if (ram == RegionIntersection.Intersects)
            return new DeviceMapping(device.Space.FindRegion(range.Start)!, range, null, null);
        if (altmap is not null && !RegionMemory.CanMapAt)
            throw new RemapException("This system cannot put page frames into device memory.", RemapFault.AltmapUnsupported);
        ArgumentNullException.ThrowIfNull(reference);
        if (!reference.TryGetLive())
            throw new ArgumentException("The reference of a mapping must be live.", nameof(reference));
        reference.Put();
        PagemapTable.Check(range);
        if (altmap is not null && (altmap.BasePfn != range.Start || altmap.Offset > range.Length))
            throw new ArgumentException("The altmap does not lie at the front of the range.", nameof(altmap));
        var map = new DevPagemap(device.Table, range, reference, altmap?.Copy(), pageFree, unaddressable, device.Name) { Driver = driver };
        return PageMapping.Create(device, map, released);
    }

    internal static PhysicalRegion RegionOf(Device device, PfnRange range)
    {
        PhysicalRegion? region = device.Space.FindRegion(range.Start);
        return region is not null && region.Range.Contains(new Pfn(range.End.Value - 1))
            ? region
            : throw new RemapException($"{device.Name}: no memory is behind {range}.", RemapFault.NoMemory);
    }

    /// <summary>Registers a finished resource with its device, or undoes it.</summary>
    internal static void Own(Device device, DeviceResource resource)
    {
        try
        {
            device.Add(resource);
        }
        catch
        {
            resource.Undo();
            throw;
        }
    }

    private static RemapException Mixed(Device device, PfnRange range)
    {
        PercpuEventSource.Log.Warning((device, range), static each => $"{each.device.Name}: {each.range} mixes RAM and device memory.");
        return new RemapException($"{device.Name}: {range} mixes RAM and device memory.", RemapFault.MixedRange);
    }
}
