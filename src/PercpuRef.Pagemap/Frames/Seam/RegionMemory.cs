using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>
/// The memory behind a physical range: anonymous, a file, or a medium that the process cannot touch. Has an address
/// for life; only while it is mapped is there memory behind it, so that a touch after unmapping is caught at once.
/// </summary>
/// <remarks>Part of the seam: operating system calls, and no word that threads share.</remarks>
internal sealed unsafe partial class RegionMemory : IDisposable
{
    private readonly SafeFileHandle? _file;
    private readonly bool _isWritable;
    private bool _disposed;

    private RegionMemory(long address, long length, RegionBacking backing, SafeFileHandle? file, bool isWritable)
    {
        Address = (byte*)address;
        Length = length;
        Backing = backing;
        _file = file;
        _isWritable = isWritable;
    }

    /// <summary>Whether device memory can be put at a chosen address, which carving frames from it needs.</summary>
    internal static bool CanMapAt => !OperatingSystem.IsWindows();

    internal byte* Address { get; }

    internal long Length { get; }

    internal RegionBacking Backing { get; private set; }

    internal bool IsWritable => _isWritable;

    internal static RegionMemory CreateAnonymous(long length)
    {
        SafeFileHandle? file = CanMapAt ? CreateNameless(length) : null;
        return Reserve(length, RegionBacking.Anonymous, file, isWritable: true);
    }

    /// <summary>Memory that only <see cref="ReadMedium"/> and <see cref="WriteMedium"/> reach.</summary>
    internal static RegionMemory CreateProtected(long length) =>
        Reserve(length, RegionBacking.Protected, CreateNameless(length), isWritable: true);

    internal static RegionMemory OpenFile(string path, long length, bool readOnly)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("Physical ranges backed by a file need mmap.");
        if (!readOnly && File.Exists(path) && File.GetAttributes(path).HasFlag(FileAttributes.ReadOnly))
            throw new UnauthorizedAccessException($"The file '{path}' is read-only.");
        SafeFileHandle file = File.OpenHandle(path, FileMode.Open, readOnly ? FileAccess.Read : FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            long found = RandomAccess.GetLength(file);
            if (found < length)
                throw new EndOfStreamException($"The file '{path}' has {found} bytes, the range needs {length}.");
        }
        catch
        {
            file.Dispose();
            throw;
        }
        return Reserve(length, RegionBacking.SharedFile, file, !readOnly);
    }

    /// <summary>Puts the memory at its address.</summary>
    internal void Map()
    {
        if (Backing == RegionBacking.Protected)
            return;
        if (_file is null)
        {
            if (!NativeBlocks.Commit((long)Address, Length))
                throw new InsufficientMemoryException($"No memory for {Length} bytes.");
            return;
        }
        // Cut since it was opened: a touch behind its end would end the process.
        if (Backing != RegionBacking.Anonymous && RandomAccess.GetLength(_file) is var found && found < Length)
            throw new EndOfStreamException($"The file was truncated: it has {found} bytes, the range needs {Length}.");
        bool synchronous = Backing != RegionBacking.Anonymous && OperatingSystem.IsLinux() && CanMap(MapSharedValidate | MapSync);
        bool mapped = synchronous
            ? TryMap((nint)Address, Length, MapSharedValidate | MapFixed | MapSync, 0)
            : CanMap(MapShared) && TryMap((nint)Address, Length, MapShared | MapFixed, 0);
        if (!mapped)
            throw new InsufficientMemoryException($"{Length} bytes could not be mapped: {new Win32Exception().Message}");
        if (Backing != RegionBacking.Anonymous)
            Backing = synchronous ? RegionBacking.SynchronousFile : RegionBacking.SharedFile;
    }

    /// <summary>Takes the memory from its address, which stays reserved. What was written stays in the medium.</summary>
    /// <remarks>Where the system refuses, the memory stays there until the space goes: an event says so. Whoever tears down can do
    /// nothing about it, and the rest of his work must be done.</remarks>
    internal void Unmap()
    {
        if (_file is not null && Backing != RegionBacking.Protected && !TryMapFixedAnonymous((nint)Address, Length, ProtNone))
            PercpuEventSource.Log.Warning(Length, static length => $"{length} bytes could not be unmapped: {new Win32Exception().Message}");
    }

    /// <summary>Puts a part of the memory at another address too.</summary>
    internal void MapAt(long address, long offset, long length)
    {
        if (_file is null || !TryMap((nint)address, length, MapShared | MapFixed, offset))
            throw new InsufficientMemoryException($"{length} bytes of device memory could not be mapped: {new Win32Exception().Message}");
    }

    /// <summary>Replaces whatever is mapped in a range by zeros.</summary>
    internal static void MakeZero(long address, long length)
    {
        if (OperatingSystem.IsWindows())
            NativeMemory.Clear((void*)address, (nuint)length);
        else if (!TryMapFixedAnonymous((nint)address, length, ProtRead) || !NativeBlocks.Commit(address, length))
            throw new InsufficientMemoryException($"{length} bytes could not be unmapped: {new Win32Exception().Message}");
    }

    /// <summary>Brings what was written to the medium. Throws IOException.</summary>
    internal void Flush(long offset, long length)
    {
        if (Backing is not (RegionBacking.SharedFile or RegionBacking.SynchronousFile) || length == 0)
            return;
        long start = offset & -Environment.SystemPageSize;
        if (SyncMemory((nint)(Address + start), (nuint)(offset - start + length), OperatingSystem.IsLinux() ? 4 : 16) != 0)
            throw new IOException($"Flushing failed: {new Win32Exception().Message}");
    }

    /// <summary>Makes sure the file has blocks for a part, so that a store to it cannot meet a full disk. Throws DiskFullException, or another IOException.</summary>
    internal void EnsureAllocated(long offset, long length)
    {
        if (!OperatingSystem.IsLinux() || Backing is not (RegionBacking.SharedFile or RegionBacking.SynchronousFile))
            return;
        while (FileAllocate(_file!, KeepSize, offset, length) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error == Interrupted)
                continue;
            if (error == NotSupported)
                return; // The file system allocates when it likes, or has nothing to allocate.
            if (error is NoSpace or OverQuota)
                throw new DiskFullException($"No room on the disk for {length} bytes: {new Win32Exception(error).Message}");
            throw new IOException($"The disk cannot make room: {new Win32Exception(error).Message}");
        }
    }

    /// <summary>Whether a touch of a part could meet a hole of the file: on a memory file system even a read of one needs room,
    /// and ends the process where there is none. <see cref="ReadMedium"/> does not.</summary>
    internal bool HasHoles(long offset, long length) =>
        OperatingSystem.IsLinux() && Backing is RegionBacking.SharedFile or RegionBacking.SynchronousFile && SeekFile(_file!, offset, SeekHole) < offset + length;

    /// <summary>Where at or behind an offset the file's next part without a hole begins; the length if there is none.</summary>
    internal long FindData(long offset)
    {
        if (!OperatingSystem.IsLinux() || Backing is not (RegionBacking.SharedFile or RegionBacking.SynchronousFile))
            return offset;
        long found = SeekFile(_file!, offset, SeekData);
        return found >= 0 ? Math.Min(found, Length)
            : Marshal.GetLastPInvokeError() == NoData ? Length
            : offset; // The file system cannot tell.
    }

    /// <summary>Reads past the mapping, as the device itself does.</summary>
    internal void ReadMedium(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int read = RandomAccess.Read(_file!, destination, offset);
            if (read == 0)
                throw new EndOfStreamException("The medium was truncated.");
            destination = destination[read..];
            offset += read;
        }
    }

    /// <summary>Writes past the mapping, as the device itself does.</summary>
    internal void WriteMedium(long offset, ReadOnlySpan<byte> source) => RandomAccess.Write(_file!, source, offset);

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        NativeBlocks.Release((long)Address, Length);
        _file?.Dispose();
    }

    private static RegionMemory Reserve(long length, RegionBacking backing, SafeFileHandle? file, bool isWritable)
    {
        long address = 0;
        try
        {
            address = NativeBlocks.Reserve(length);
            return address != 0
                ? new RegionMemory(address, length, backing, file, isWritable)
                : throw new InsufficientMemoryException($"No address space for {length} bytes.");
        }
        catch
        {
            if (address != 0)
                NativeBlocks.Release(address, length);
            file?.Dispose();
            throw;
        }
    }
}
