namespace Percpu.Pagemap;

/// <summary>What stands behind an area, and makes its pages present.</summary>
/// <remarks>Kernel: <c>vm_operations_struct</c>.</remarks>
internal abstract class AreaBacking
{
    internal abstract AreaKind Kind { get; }

    /// <summary>The disk whose memory it is: null where there is none.</summary>
    internal virtual PmemDisk? Disk => null;

    /// <summary>Where on the disk the area begins.</summary>
    internal virtual long DiskOffset => 0;

    /// <summary>The physical address of the first byte, if all of it lies in one piece; else 0.</summary>
    internal virtual ulong PhysicalStart => 0;

    /// <summary>Whether its pages are this address space's own, so that <see cref="GupFlags.Force"/> may write them.</summary>
    internal virtual bool IsPrivate => false;

    /// <summary>Whether <see cref="GupFlags.LongTerm"/> may pin its pages.</summary>
    internal virtual bool MayPinLongTerm => true;

    /// <summary>Tells whoever owns the memory that the area maps it.</summary>
    /// <param name="area">The area.</param>
    /// <param name="gone">Called with the area when the memory goes away.</param>
    /// <exception cref="ObjectDisposedException">It is going away.</exception>
    internal virtual void Attach(Area area, Action<object> gone)
    {
    }

    /// <summary>The area is not mapped any more.</summary>
    internal virtual void Detach(Area area)
    {
    }

    /// <summary>Makes the page of an address such that the access can look again. Under the map lock, for reading.</summary>
    /// <returns>False if it could not be made present now.</returns>
    internal abstract bool TryFault(in PageFault fault);

    /// <summary>Holds memory that has no pages, for an access whose entry is special.</summary>
    /// <param name="area">The area.</param>
    /// <param name="address">A multiple of the page size, inside it.</param>
    /// <param name="mapping">Holds the memory until it is disposed.</param>
    /// <param name="fault">Why there is none.</param>
    internal virtual bool TryDirectAccess(Area area, ulong address, out DirectMapping mapping, out AccessFault fault)
    {
        mapping = default;
        fault = AccessFault.Special;
        return false;
    }
}
