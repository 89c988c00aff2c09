using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>The steps of mapping a range with pages, and of undoing them from any point.</summary>
internal sealed class PageMapping
{
    private readonly Device _device;
    private readonly DevPagemap _map;
    private readonly Action? _released;
    private PhysicalRegion _region = null!;
    private ulong _framePages;
    private bool _mapped, _populated, _registered;

    private PageMapping(Device device, DevPagemap map, Action? released)
    {
        _device = device;
        _map = map;
        _released = released;
    }

    /// <summary>Does all steps; the table learns of the map last, so nobody ever finds half of one.</summary>
    /// <param name="device">Whose resource it becomes.</param>
    /// <param name="map">What is registered.</param>
    /// <param name="released">Called when the mapping was released, by whomever.</param>
    internal static DeviceMapping Create(Device device, DevPagemap map, Action? released)
    {
        var mapping = new PageMapping(device, map, released);
        var resource = new DeviceResource(device, "memremap_pages", mapping.Release);
        DeviceMapping result;
        try
        {
            mapping.Acquire();
            result = new DeviceMapping(mapping._region, map.Range, map, resource);
        }
        catch
        {
            mapping.Undo();
            throw;
        }
        MemoryRemap.Own(device, resource);
        return result;
    }

    private void Acquire()
    {
        PfnRange range = _map.Range;
        _region = MemoryRemap.RegionOf(_device, range);
        long offset = _map.Altmap is { } altmap ? CarveFrames(altmap, range) : 0;
        _region.Map();
        _mapped = true;
        _device.Space.Frames.Populate(range, _map.FirstPfn.Value, _map, _map.Altmap is null ? null : _region.Memory, offset);
        _populated = true;
        _device.Table.Register(_map);
        _registered = true;
    }

    /// <summary>Allocates the frames' memory from the device, a section at a time. Returns its offset in the region.</summary>
    private long CarveFrames(VmemAltmap altmap, PfnRange range)
    {
        const ulong framesPerPage = 1UL << (Pfn.PageShift - PageFrame.FrameShift);
        ulong first = 0;
        ulong section = FrameMap.PagesPerSection;
        for (ulong pfn = range.Start.Value; pfn < range.End.Value; pfn = (pfn | (section - 1)) + 1)
        {
            ulong pages = (Math.Min((pfn | (section - 1)) + 1, range.End.Value) - pfn) / framesPerPage;
            ulong expected = first + _framePages;
            if (!altmap.TryAllocate(pages, out Pfn carved))
                throw new InsufficientMemoryException($"{_device.Name}: the altmap has no room for the frames of {range}.");
            if (_framePages == 0)
                first = carved.Value;
            _framePages += pages;
            if (first != carved.Value && carved.Value != expected)
                throw new ArgumentException($"{_device.Name}: the altmap of {range} cannot give the frames in one piece.", nameof(altmap));
        }
        return (long)((first - _region.Range.Start.Value) << Pfn.PageShift);
    }

    private void Release()
    {
        PercpuRef reference = _map.Reference;
        var failures = default(Failures);
        if (!reference.IsDying && !reference.IsZero)
        {
            PercpuEventSource.Log.Warning(this, static mapping => $"{mapping._device.Name}: page mapping {mapping._map.Range} is still live.");
            try
            {
                reference.TryKill(); // Nothing, if somebody else was faster.
            }
            catch (Exception exception)
            {
                failures.Add(exception); // Its release callback's, which must not keep the map in the table.
            }
        }
        // Whoever holds a page holds the reference: nothing below happens under a holder.
        reference.Drain(_device.Name + ": releasing a page mapping", _device.StallReportAfter);
        Undo();
        _released?.Invoke();
        failures.ThrowIfAny();
    }

    private void Undo()
    {
        if (_registered)
            _device.Table.Unregister(_map); // Returns after a grace period: no lookup is on its way to a frame.
        if (_populated)
            _device.Space.Frames.Remove(_map.Range);
        if (_mapped)
            _region.Unmap();
        if (_map.Altmap is not { } altmap)
            return;
        altmap.Release(_framePages);
        if (altmap.Allocated != 0)
            PercpuEventSource.Log.Warning((_device, altmap, _map), static each => $"{each._device.Name}: {each.altmap.Allocated} reserved pages of {each._map.Range} were not freed.");
    }
}
