using Percpu.Memory;

namespace Percpu.Pagemap;

// Reading and writing, as a processor would: with faults. And what drivers and NUMA balancing do to entries.
public sealed unsafe partial class AddressSpace
{
    /// <summary>Copies bytes out of the address space.</summary>
    /// <param name="address">The first byte; any.</param>
    /// <param name="destination">Filled whole. May be empty.</param>
    /// <exception cref="AccessFaultException">An address cannot be read; <see cref="AccessFaultException.Fault"/> says why. What
    /// lies before it was copied.</exception>
    /// <exception cref="OutOfMemoryException">No page of RAM for it.</exception>
    /// <exception cref="ObjectDisposedException">The address space was disposed.</exception>
    /// <remarks>Takes the map lock for reading, page by page. A page in a device's memory is brought back first.
    /// Kernel: a load, or <c>copy_from_user</c>.</remarks>
    public void Read(ulong address, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int within = (int)(address & (PageTable.PageSize - 1));
            int count = Math.Min(destination.Length, (int)PageTable.PageSize - within);
            fixed (byte* bytes = destination)
                Copy(address, bytes, within, count, write: false);
            destination = destination[count..];
            address += (ulong)count;
        }
    }

    /// <summary>Copies bytes into the address space.</summary>
    /// <param name="address">The first byte; any.</param>
    /// <param name="source">The bytes. May be empty.</param>
    /// <exception cref="AccessFaultException">An address cannot be written. What lies before it was.</exception>
    /// <exception cref="IOException">The disk under a mapped file is full.</exception>
    /// <exception cref="OutOfMemoryException">No page of RAM for it.</exception>
    /// <exception cref="ObjectDisposedException">The address space was disposed.</exception>
    /// <remarks>As <see cref="Read"/>. Kernel: a store, or <c>copy_to_user</c>.</remarks>
    public void Write(ulong address, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            int within = (int)(address & (PageTable.PageSize - 1));
            int count = Math.Min(source.Length, (int)PageTable.PageSize - within);
            fixed (byte* bytes = source)
                Copy(address, bytes, within, count, write: true);
            source = source[count..];
            address += (ulong)count;
        }
    }

    /// <summary>Puts a frame into an area of <see cref="AreaKind.Mixed"/>.</summary>
    /// <param name="area">The area.</param>
    /// <param name="address">Inside it, a multiple of the page size.</param>
    /// <param name="pfn">The frame.</param>
    /// <param name="flags">Device and mapped: a page of a device's map. Device alone: a frame without a page. None: a page
    /// of RAM, which the entry holds.</param>
    /// <exception cref="ArgumentNullException"><paramref name="area"/> is null.</exception>
    /// <exception cref="ArgumentException">The area is not of that kind, or not mapped here; RAM without a page, or a device's page
    /// as RAM; or a frame that its map has reserved.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The address is misaligned or not in the area, the frame number above
    /// <see cref="Pfn.MaxValue"/>, or the flags are none of the three.</exception>
    /// <exception cref="InvalidOperationException">A free page of RAM.</exception>
    /// <exception cref="RangeBusyException">Something is mapped there (kernel: EBUSY).</exception>
    /// <exception cref="OutOfMemoryException">No memory for the tables.</exception>
    /// <remarks>The entry does not keep the device: <see cref="Discard"/> it before the frame means something else.
    /// Kernel: <c>vm_insert_mixed</c>.</remarks>
    public void InsertPfn(Area area, ulong address, Pfn pfn, PfnFlags flags)
    {
        ArgumentNullException.ThrowIfNull(area);
        if (area.Backing is not MixedBacking)
            throw new ArgumentException("Only an area of mixed frames takes frames from a driver.", nameof(area));
        MixedBacking.Insert(this, area, address, pfn, flags);
    }

    /// <summary>Makes the next ordinary access of each mapped page fault, to see who uses it.</summary>
    /// <param name="address">A multiple of the page size.</param>
    /// <param name="length">Bytes, a multiple of the page size.</param>
    /// <returns>How many entries were marked.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Misaligned, or beyond the address space.</exception>
    /// <exception cref="ObjectDisposedException">The address space was disposed.</exception>
    /// <remarks>Kernel: <c>change_prot_numa</c>.</remarks>
    public long MarkNumaHints(ulong address, ulong length)
    {
        CheckRange(address, length, nameof(address));
        EnterRead();
        try
        {
            ThrowIfDisposed();
            return Pages.MarkHints(address, address + length);
        }
        finally
        {
            ExitRead();
        }
    }

    private void Copy(ulong address, byte* bytes, int within, int count, bool write)
    {
        GupFlags flags = GupFlags.Touch | (write ? GupFlags.Write : GupFlags.None);
        ulong start = address - (ulong)within;
        EnterRead();
        try
        {
            ThrowIfDisposed();
            if (new SlowWalk(this, flags | GupFlags.Get).TryFollow(start, out Page page, out AccessFault fault))
            {
                try
                {
                    Move(Space.Memory(page)[within..], bytes, count, write);
                }
                finally
                {
                    PinnedPages.Put([page]);
                }
                return;
            }
            // Memory of a disk that has no pages is held through the disk.
            DirectMapping mapping = default;
            if (fault != AccessFault.Special || FindArea(start) is not { } area || !area.Backing.TryDirectAccess(area, start, out mapping, out fault))
                throw new AccessFaultException(address, fault);
            using DirectMapping held = mapping;
            Move(held.Span[within..], bytes, count, write);
            new SlowWalk(this, flags).TryFollow(start, out _, out _);
        }
        finally
        {
            ExitRead();
        }
    }

    private static void Move(Span<byte> memory, byte* bytes, int count, bool write)
    {
        var other = new Span<byte>(bytes, count);
        if (write)
            other.CopyTo(memory);
        else
            memory[..count].CopyTo(other);
    }
}
