namespace Percpu.Pagemap;

// Mapping and unmapping. One at a time, under the map lock.
public sealed partial class AddressSpace
{
    /// <summary>Maps pages of RAM, zeros at first; they are allocated when they are first touched.</summary>
    /// <param name="length">Bytes, a multiple of the page size.</param>
    /// <param name="access">What ordinary accesses may do.</param>
    /// <param name="address">Where, a multiple of the page size; null for anywhere.</param>
    /// <exception cref="ArgumentOutOfRangeException">Empty, misaligned, beyond the address space, or undefined access.</exception>
    /// <exception cref="RangeBusyException">An area is in the way.</exception>
    /// <exception cref="OutOfMemoryException">No addresses left.</exception>
    /// <exception cref="ObjectDisposedException">The address space was disposed.</exception>
    /// <remarks>Kernel: <c>mmap(MAP_PRIVATE | MAP_ANONYMOUS)</c>.</remarks>
    public Area MapAnonymous(ulong length, AreaAccess access = AreaAccess.ReadWrite, ulong? address = null) =>
        Map(length, access, address, new AnonymousBacking());

    /// <summary>Maps an area into which a driver puts frames with <see cref="InsertPfn"/>.</summary>
    /// <inheritdoc cref="MapAnonymous"/>
    /// <remarks>Kernel: <c>mmap</c> of a driver, <c>VM_MIXEDMAP</c>.</remarks>
    public Area MapMixed(ulong length, AreaAccess access = AreaAccess.ReadWrite, ulong? address = null) =>
        Map(length, access, address, new MixedBacking());

    /// <summary>Maps a part of a disk: its memory itself, in entries of 2 MiB where everything is aligned to it.</summary>
    /// <param name="disk">The disk; while it is frozen or going away, accesses fault with <see cref="AccessFault.NotPresent"/>.</param>
    /// <param name="offset">Where on the disk, a multiple of the page size.</param>
    /// <param name="length">Bytes, a multiple of the page size.</param>
    /// <param name="access">What ordinary accesses may do.</param>
    /// <param name="address">Where, a multiple of the page size; null for anywhere.</param>
    /// <exception cref="ArgumentNullException"><paramref name="disk"/> is null.</exception>
    /// <exception cref="ArgumentException">The disk belongs to another space.</exception>
    /// <exception cref="UnauthorizedAccessException">Write access to a read-only medium.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Empty, misaligned, beyond the disk or the address space, or undefined access.</exception>
    /// <exception cref="RangeBusyException">An area is in the way.</exception>
    /// <exception cref="OutOfMemoryException">No addresses left.</exception>
    /// <exception cref="ObjectDisposedException">The disk or the address space is gone.</exception>
    /// <remarks>The area does not keep the disk: unbinding its device clears the entries. Kernel: <c>mmap(MAP_SHARED)</c> of
    /// a DAX file; the entries are device pages only if the disk's memory is both device and mapped.</remarks>
    public Area MapDax(PmemDisk disk, long offset, ulong length, AreaAccess access = AreaAccess.ReadWrite, ulong? address = null)
    {
        ArgumentNullException.ThrowIfNull(disk);
        if (!ReferenceEquals(disk.Space, Space))
            throw new ArgumentException("The disk belongs to another space.", nameof(disk));
        if ((access & AreaAccess.Write) != 0 && !disk.IsWritable)
            throw new UnauthorizedAccessException($"The medium of '{disk.Name}' is read-only.");
        if (offset < 0 || ((ulong)offset & (PageTable.PageSize - 1)) != 0)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "The offset must be a multiple of the page size.");
        if (length > (ulong)disk.Length || (ulong)offset > (ulong)disk.Length - length)
            throw new ArgumentOutOfRangeException(nameof(length), length, $"The disk has {disk.Length} bytes.");
        return Map(length, access, address, new DaxBacking(disk, offset));
    }

    /// <summary>Unmaps an area. Returns when no walk can still find its pages; pinned pages stay valid until they are put.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="area"/> is null.</exception>
    /// <exception cref="ArgumentException">It is not mapped here (any more).</exception>
    /// <exception cref="InvalidOperationException">Inside a read section, for which this would wait. Nothing was changed.</exception>
    /// <exception cref="OutOfMemoryException">No memory for the list of its pages. Nothing was changed.</exception>
    /// <remarks>Blocks for a grace period. Kernel: <c>munmap</c>.</remarks>
    public void Unmap(Area area)
    {
        ArgumentNullException.ThrowIfNull(area);
        Table.Epoch.CheckMayWait(nameof(Unmap));
        var cleared = default(Cleared);
        EnterWrite();
        try
        {
            if (!Areas.Contains(area))
                throw new ArgumentException("The area is not mapped in this address space.", nameof(area));
            Pages.Expect(area.Start, area.End, ref cleared);
            Areas.Replace(Areas.Without(area));
            Pages.Clear(area.Start, area.End, ref cleared);
        }
        finally
        {
            ExitWrite();
        }
        area.Backing.Detach(area);
        cleared.Drop(this);
    }

    /// <summary>Clears what is mapped in a part of an area, which stays: RAM becomes zeros again, a disk's memory is
    /// mapped anew at the next access.</summary>
    /// <param name="address">A multiple of the page size.</param>
    /// <param name="length">Bytes, a multiple of the page size.</param>
    /// <exception cref="ArgumentOutOfRangeException">Misaligned, or beyond the address space.</exception>
    /// <exception cref="InvalidOperationException">Inside a read section, for which this would wait.</exception>
    /// <exception cref="ObjectDisposedException">The address space was disposed.</exception>
    /// <exception cref="OutOfMemoryException">No memory for the list of its pages. Nothing was discarded.</exception>
    /// <remarks>Blocks for a grace period. Kernel: <c>zap_page_range</c>, <c>madvise(MADV_DONTNEED)</c>.</remarks>
    public void Discard(ulong address, ulong length)
    {
        Table.Epoch.CheckMayWait(nameof(Discard));
        CheckRange(address, length, nameof(address));
        Zap(address, address + length);
    }

    /// <summary>The area of an address, or null.</summary>
    /// <remarks>Kernel: <c>find_vma</c>, but never an area behind the address.</remarks>
    public Area? FindArea(ulong address) => Areas.Find(address);

    private Area Map(ulong length, AreaAccess access, ulong? address, AreaBacking backing)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        CheckRange(address ?? 0, length, nameof(length));
        if ((access & ~AreaAccess.ReadWrite) != 0)
            throw new ArgumentOutOfRangeException(nameof(access), access, "Undefined access.");
        EnterWrite();
        try
        {
            ThrowIfDisposed();
            ulong start = address ?? Areas.FindFree(length, backing.PhysicalStart);
            Areas.CheckFree(start, length);
            var area = new Area(this, start, length, access, backing);
            Area[] areas = Areas.With(area);
            backing.Attach(area, DiskGone);
            Areas.Replace(areas);
            return area;
        }
        finally
        {
            ExitWrite();
        }
    }

    /// <summary>The disk's device is unbound, nobody holds its memory any more, and no fault can map it again.</summary>
    private void DiskGone(object key)
    {
        var area = (Area)key;
        Zap(area.Start, area.End, area);
    }

    /// <summary>Clears the entries of a range.</summary>
    /// <param name="start">The first address.</param>
    /// <param name="end">The first after it.</param>
    /// <param name="only">Nothing is done if this area is not mapped any more.</param>
    private void Zap(ulong start, ulong end, Area? only = null)
    {
        var cleared = default(Cleared);
        EnterWrite();
        try
        {
            if (only is null)
                ThrowIfDisposed();
            if (only is null || Areas.Contains(only))
            {
                Pages.Expect(start, end, ref cleared);
                Pages.Clear(start, end, ref cleared);
            }
        }
        finally
        {
            ExitWrite();
        }
        cleared.Drop(this);
    }

    private static void CheckRange(ulong address, ulong length, string name)
    {
        if (((address | length) & (PageTable.PageSize - 1)) != 0)
            throw new ArgumentOutOfRangeException(name, "Address and length must be multiples of the page size.");
        if (length > 1UL << AddressBits || address > (1UL << AddressBits) - length)
            throw new ArgumentOutOfRangeException(name, $"The addresses must lie below 2^{AddressBits}.");
    }
}
