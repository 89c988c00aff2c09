using Percpu.Memory;

namespace Percpu.Pagemap;

// Mapping and unmapping. One at a time, under the map lock.
public sealed unsafe partial class AddressSpace
{
    private const ulong FirstAddress = PageTable.LargeSize; // Nothing is put at 0 unless asked for.

    private Area[] _areas = []; // Sorted; replaced whole, under the map lock.

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
        Map(length, access, AreaKind.Anonymous, address, null, 0);

    /// <summary>Maps an area into which a driver puts frames with <see cref="InsertPfn"/>.</summary>
    /// <inheritdoc cref="MapAnonymous"/>
    /// <remarks>Kernel: <c>mmap</c> of a driver, <c>VM_MIXEDMAP</c>.</remarks>
    public Area MapMixed(ulong length, AreaAccess access = AreaAccess.ReadWrite, ulong? address = null) =>
        Map(length, access, AreaKind.Mixed, address, null, 0);

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
        return Map(length, access, AreaKind.Dax, address, disk, offset);
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
            if (Array.IndexOf(_areas, area) < 0)
                throw new ArgumentException("The area is not mapped in this address space.", nameof(area));
            _pages.Expect(area.Start, area.End, ref cleared);
            Atomic.ExchangeReference(ref _areas, Array.FindAll(_areas, each => each != area));
            _pages.Clear(area.Start, area.End, ref cleared);
        }
        finally
        {
            ExitWrite();
        }
        area.Disk?.RemoveMapping(area);
        Drop(in cleared);
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
    public Area? FindArea(ulong address)
    {
        Area[] areas = Atomic.LoadReference(ref _areas);
        int low = 0;
        for (int high = areas.Length; low < high;)
        {
            int middle = (low + high) >> 1;
            if (areas[middle].Start <= address)
                low = middle + 1;
            else
                high = middle;
        }
        return low > 0 && areas[low - 1].Contains(address) ? areas[low - 1] : null;
    }

    private Area Map(ulong length, AreaAccess access, AreaKind kind, ulong? address, PmemDisk? disk, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        CheckRange(address ?? 0, length, nameof(length));
        if ((access & ~AreaAccess.ReadWrite) != 0)
            throw new ArgumentOutOfRangeException(nameof(access), access, "Undefined access.");
        Area area;
        EnterWrite();
        try
        {
            ThrowIfDisposed();
            ulong start = address ?? FindFree(length, disk is null ? 0 : (ulong)disk.PhysicalOffset(offset));
            if (Array.Find(_areas, each => each.Start < start + length && start < each.End) is { } other)
                throw new RangeBusyException($"Addresses 0x{start:x}+0x{length:x} meet the area 0x{other.Start:x}+0x{other.Length:x}.");
            area = new Area(this, start, length, access, kind, disk, offset);
            Area[] areas = [.. _areas, area];
            Array.Sort(areas, static (a, b) => a.Start.CompareTo(b.Start));
            disk?.AddMapping(area, DiskGone);
            Atomic.ExchangeReference(ref _areas, areas);
        }
        finally
        {
            ExitWrite();
        }
        return area;
    }

    /// <summary>The lowest free addresses that lie to 2 MiB as the memory does, so that large entries fit.</summary>
    private ulong FindFree(ulong length, ulong physical)
    {
        ulong within = length >= PageTable.LargeSize ? physical & (PageTable.LargeSize - 1) : 0;
        ulong align = length >= PageTable.LargeSize ? PageTable.LargeSize : PageTable.PageSize;
        ulong start = FirstAddress + within;
        foreach (Area area in _areas)
        {
            if (area.Start >= start && area.Start - start >= length)
                break;
            start = Math.Max(start, ((area.End - within + align - 1) & ~(align - 1)) + within);
        }
        return start <= (1UL << AddressBits) - length
            ? start
            : throw new InsufficientMemoryException($"No {length} free addresses.");
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
            if (only is null || Array.IndexOf(_areas, only) >= 0)
            {
                _pages.Expect(start, end, ref cleared);
                _pages.Clear(start, end, ref cleared);
            }
        }
        finally
        {
            ExitWrite();
        }
        Drop(in cleared);
    }

    /// <summary>Gives back what cleared entries held. No lock is held: a walker may be waiting for it.</summary>
    private void Drop(in Cleared cleared)
    {
        if (!cleared.Any)
            return;
        // ORDER(unmap-2) grace period between clearing and dropping. Pairs with ORDER(enter-2) of a walk's read section.
        Table.Epoch.WaitForReaders();
        cleared.FreeTables();
        var failures = default(Failures);
        foreach (PageTableEntry entry in cleared.Entries)
        {
            try
            {
                Space.PfnToPage(entry.Pfn).Put();
            }
            catch (Exception exception)
            {
                failures.Add(exception); // A driver's free callback; the other pages must not be lost for it.
            }
        }
        failures.ThrowIfAny();
    }

    private static void CheckRange(ulong address, ulong length, string name)
    {
        if (((address | length) & (PageTable.PageSize - 1)) != 0)
            throw new ArgumentOutOfRangeException(name, "Address and length must be multiples of the page size.");
        if (length > 1UL << AddressBits || address > (1UL << AddressBits) - length)
            throw new ArgumentOutOfRangeException(name, $"The addresses must lie below 2^{AddressBits}.");
    }
}
