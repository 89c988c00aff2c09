using Percpu.Memory;

namespace Percpu.Pagemap;

// Reading and writing, as a processor would: with faults.
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

    private void Copy(ulong address, byte* bytes, int within, int count, bool write)
    {
        GupFlags flags = GupFlags.Touch | (write ? GupFlags.Write : GupFlags.None);
        ulong start = address - (ulong)within;
        EnterRead();
        try
        {
            ThrowIfDisposed();
            if (TryFollow(start, flags | GupFlags.Get, out Page page, out AccessFault fault))
            {
                try
                {
                    Move(Space.Memory(page)[within..], bytes, count, write);
                }
                finally
                {
                    PutPages([page]);
                }
                return;
            }
            // Memory of a disk that has no pages is held through the disk.
            if (fault != AccessFault.Special || FindArea(start) is not { Disk: { } disk } area)
                throw new AccessFaultException(address, fault);
            if (!disk.TryDirectAccess(area.DiskOffset + (long)(start - area.Start), out DirectMapping mapping))
                throw new AccessFaultException(address, AccessFault.NotPresent);
            using DirectMapping held = mapping;
            Move(held.Span[within..], bytes, count, write);
            TryFollow(start, flags, out _, out _);
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
