using Percpu.Memory;

namespace Percpu.Pagemap;

// Adding and removing ranges.
public sealed unsafe partial class PhysicalSpace
{
    /// <summary>Adds RAM, whose pages <see cref="AllocatePage"/> hands out.</summary>
    /// <param name="range">Multiples of 512 pages; no section may be shared with another range that has frames.</param>
    /// <exception cref="PfnRangeException">Empty, wrapping, misaligned, or beyond the space.</exception>
    /// <exception cref="RangeBusyException">The range is taken.</exception>
    /// <exception cref="OutOfMemoryException">No memory. Nothing was added.</exception>
    /// <exception cref="ObjectDisposedException">The space was disposed.</exception>
    public PhysicalRegion AddRam(PfnRange range)
    {
        CheckRange(range);
        PhysicalRegion region = Add(range, RegionKind.SystemRam, "System RAM", RegionMemory.CreateAnonymous((long)range.Length << Pfn.PageShift));
        try
        {
            region.Map();
            Frames.Populate(range, range.Start.Value, Ram);
            Ram.Add(range);
        }
        catch
        {
            Remove(region);
            throw;
        }
        return region;
    }

    /// <summary>Adds a range of a device, with memory of the process behind it.</summary>
    /// <param name="range">Its frames, multiples of 512.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is null or empty.</exception>
    /// <exception cref="PfnRangeException">Empty, wrapping, misaligned, or beyond the space.</exception>
    /// <exception cref="RangeBusyException">The range is taken.</exception>
    /// <exception cref="OutOfMemoryException">No memory. Nothing was added.</exception>
    public PhysicalRegion AddDevice(PfnRange range, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        CheckRange(range);
        return Add(range, RegionKind.Device, name, RegionMemory.CreateAnonymous((long)range.Length << Pfn.PageShift));
    }

    /// <summary>Adds a range of a device, with a file behind it.</summary>
    /// <param name="range">Its frames. The first is a multiple of 512; the length need not be, for a label area or another tail may
    /// follow the last namespace.</param>
    /// <param name="name">For messages.</param>
    /// <param name="path">An existing file, at least as long. May be sparse. Stays open until the space is disposed or
    /// the region removed, also when it is deleted meanwhile.</param>
    /// <param name="readOnly">Whether the file is opened for reading only.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> or <paramref name="path"/> is null or empty.</exception>
    /// <exception cref="PfnRangeException">Empty, wrapping, misaligned, or beyond the space.</exception>
    /// <exception cref="FileNotFoundException">No such file (any more).</exception>
    /// <exception cref="UnauthorizedAccessException">A read-only file, or no permission.</exception>
    /// <exception cref="EndOfStreamException">The file is shorter than the range.</exception>
    /// <exception cref="RangeBusyException">The range is taken.</exception>
    /// <exception cref="PlatformNotSupportedException">Windows.</exception>
    /// <exception cref="OutOfMemoryException">No address space. Nothing was added.</exception>
    public PhysicalRegion AddDevice(PfnRange range, string name, string path, bool readOnly = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(path);
        CheckRange(range, hasTail: true);
        return Add(range, RegionKind.Device, name, RegionMemory.OpenFile(path, (long)range.Length << Pfn.PageShift, readOnly));
    }

    /// <summary>Adds a device range that the process cannot touch, at the top of the space.</summary>
    internal PhysicalRegion AddProtected(ulong pages, string name)
    {
        ulong length = (pages + FrameMap.PagesPerSection - 1) & ~(FrameMap.PagesPerSection - 1);
        while (true)
        {
            PfnRange range = FindFree(length, pages);
            try
            {
                return Add(range, RegionKind.Device, name, RegionMemory.CreateProtected((long)pages << Pfn.PageShift));
            }
            catch (RangeBusyException)
            {
                // Another thread took it since; look again.
            }
        }
    }

    /// <summary>Removes a region that nobody uses any more.</summary>
    internal void Remove(PhysicalRegion region)
    {
        using (WordLock.EnterScope(&Shared->Lock))
        {
            Atomic.ExchangeReference(ref _regions, Array.FindAll(_regions, each => each != region));
        }
        region.Memory.Dispose();
    }

    /// <summary>Gives all memory of the space back. No page, map or address space of it may be in use any more.</summary>
    public void Dispose()
    {
        if (Atomic.Exchange(&Shared->Disposed, 1) != 0)
            return;
        foreach (PhysicalRegion region in Atomic.ExchangeReference(ref _regions, []))
            region.Memory.Dispose();
        Frames.Release();
    }

    private PhysicalRegion Add(PfnRange range, RegionKind kind, string name, RegionMemory memory)
    {
        try
        {
            var region = new PhysicalRegion(this, range, kind, name, memory);
            using (WordLock.EnterScope(&Shared->Lock))
            {
                ObjectDisposedException.ThrowIf(IsDisposed, this);
                if (Array.Find(_regions, each => each.Range.Overlaps(range)) is { } other)
                    throw new RangeBusyException(range, other.Range);
                PhysicalRegion[] regions = [.. _regions, region];
                Array.Sort(regions, static (a, b) => a.Range.Start.Value.CompareTo(b.Range.Start.Value));
                Atomic.ExchangeReference(ref _regions, regions);
            }
            return region;
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    private PfnRange FindFree(ulong length, ulong pages)
    {
        ulong end = Capacity;
        PhysicalRegion[] regions = Atomic.LoadReference(ref _regions);
        for (int i = regions.Length - 1; i >= -1; i--)
        {
            // Whole sections, so that the frames share none.
            ulong floor = i < 0 ? 0 : (regions[i].Range.End.Value + FrameMap.PagesPerSection - 1) & ~(FrameMap.PagesPerSection - 1);
            if (end >= floor && end - floor >= length)
                return new PfnRange(new Pfn(end - length), pages);
            if (i >= 0)
                end = regions[i].Range.Start.Value & ~(FrameMap.PagesPerSection - 1);
        }
        throw new InsufficientMemoryException($"No free physical range of {pages} pages.");
    }

    private void CheckRange(PfnRange range, bool hasTail = false)
    {
        if (range.Length == 0)
            throw new PfnRangeException(nameof(range), range, PfnRangeFault.Empty);
        if (range.Start.Value > ulong.MaxValue - range.Length)
            throw new PfnRangeException(nameof(range), range, PfnRangeFault.Wraps);
        if (range.Start.Value >= Capacity || range.Length > Capacity - range.Start.Value)
            throw new PfnRangeException(nameof(range), range, PfnRangeFault.OutsideSpace);
        if (((range.Start.Value | (hasTail ? 0 : range.Length)) & 511) != 0)
            throw new PfnRangeException(nameof(range), range, PfnRangeFault.Misaligned);
    }
}
