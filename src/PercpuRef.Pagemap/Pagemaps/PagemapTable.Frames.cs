using Percpu.Memory;

namespace Percpu.Pagemap;

// The table and the space whose frames its maps describe.
public sealed unsafe partial class PagemapTable
{
    /// <summary>Creates an empty table over a space.</summary>
    /// <param name="space">Where the memory and the frames of the maps are.</param>
    /// <param name="epoch">The domain in whose read sections the table is read; null for <see cref="EpochDomain.Shared"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="space"/> is null.</exception>
    public PagemapTable(PhysicalSpace space, EpochDomain? epoch = null)
        : this(epoch)
    {
        ArgumentNullException.ThrowIfNull(space);
        Space = space;
    }

    /// <summary>Where the memory and the frames of the maps are; null for a table that knows no frames.</summary>
    public PhysicalSpace? Space { get; }

    internal EpochDomain Epoch => _epoch;

    /// <summary>The altmap of the map whose frames lie at an address, also while that map is dying.</summary>
    /// <param name="memmapAddress">An address inside the frame array: that of a page's frame.</param>
    /// <returns>Null where no map is, or its frames lie in the host's memory.</returns>
    /// <exception cref="InvalidOperationException">The table has no space.</exception>
    /// <remarks>Never reads the frame: only its place counts. Takes no reference. Kernel: <c>to_vmem_altmap</c>.</remarks>
    public VmemAltmap? ToVmemAltmap(nint memmapAddress)
    {
        if (Space is null)
            throw new InvalidOperationException("The table has no space.");
        ulong pfn = Space.Frames.NumberOf((PageFrame*)memmapAddress);
        if (pfn >= Space.Frames.Capacity)
            return null;
        using EpochReader reader = _epoch.Enter();
        return _sections.Find(pfn >> SectionShift) is { } map && map.Contains(new Pfn(pfn)) ? map.Altmap : null;
    }

    /// <summary>Finds the live map of a frame and takes references of it: all or none.</summary>
    /// <param name="pfn">The frame.</param>
    /// <param name="count">At least 1.</param>
    internal DevPagemap? TryGetMany(Pfn pfn, long count)
    {
        using EpochReader reader = _epoch.Enter();
        DevPagemap? map = _sections.Find(pfn.Value >> SectionShift);
        return map is not null && map.Contains(pfn) && map.Reference.TryGetLiveMany(count) ? map : null;
    }

    /// <summary>The map of a frame, whatever its state, without a reference: inside a read section of <see cref="Epoch"/>.</summary>
    internal DevPagemap? Peek(Pfn pfn) => _sections.Find(pfn.Value >> SectionShift) is { } map && map.Contains(pfn) ? map : null;
}
