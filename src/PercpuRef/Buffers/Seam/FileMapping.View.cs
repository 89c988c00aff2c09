using System.ComponentModel;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Percpu.Buffers;

// The operating system's calls: mmap, and on Windows .NET's own classes.
internal sealed unsafe partial class FileMapping
{
    private const int ProtRead = 1, ProtWrite = 2, MapShared = 1, MapPrivate = 2;
    private const int DontFork = 10; // Linux
    private const int SyncLinux = 4, SyncOther = 0x10; // MS_SYNC
    private const int NotPermitted = 1, InputOutput = 5, NoMemory = 12, NoAccess = 13, NoDevice = 19; // The same on Linux, macOS and FreeBSD.

    // The errors with which Windows says that there is no address space or commit left.
    private static readonly int[] NoMemoryOnWindows = [unchecked((int)0x80070008), unchecked((int)0x800705AF)];

    private MemoryMappedFile? _map; // Windows
    private MemoryMappedViewAccessor? _view; // Windows

    /// <summary>Writes the changed pages of a range to the medium. Under a pin.</summary>
    internal void Flush(long offset, long length)
    {
        nint start = (nint)(Address + offset) & -Environment.SystemPageSize;
        nuint bytes = (nuint)((nint)(Address + offset + length) - start);
        if (OperatingSystem.IsWindows())
        {
            if (!FlushViewOfFile(start, bytes))
                throw FlushFailed();
            RandomAccess.FlushToDisk(_file!.Handle);
        }
        else if (SyncMemory(start, bytes, OperatingSystem.IsLinux() ? SyncLinux : OperatingSystem.IsFreeBSD() ? 0 : SyncOther) != 0)
        {
            throw FlushFailed();
        }
    }

    /// <summary>Maps <see cref="Length"/> bytes; of none, nothing. False when the file was cut meanwhile.</summary>
    private bool TryMapView(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
            return Length == 0 || TryMapWindows(file);
        // Of an empty file one page, and not to stay: files of procfs and the like have a length of 0 and bytes all the same.
        // They cannot be mapped, and say so.
        nuint length = (nuint)Math.Max(Length, 1);
        nint address = MapMemory(0, length, IsWritable ? ProtRead | ProtWrite : ProtRead, IsPrivate ? MapPrivate : MapShared, file, 0);
        if (address == -1)
            throw MapFailed(Marshal.GetLastPInvokeError());
        if (Length == 0)
        {
            UnmapMemory(address, length);
            return true;
        }
        Address = (byte*)address;
        if (OperatingSystem.IsLinux())
            AdviseMemory(address, length, DontFork); // A child process has no use for it, and would keep what we unmap.
        return true;
    }

    private void UnmapView()
    {
        if (Address == null)
            return;
        if (OperatingSystem.IsWindows())
        {
            // The handle before the view: a view that is disposed first writes all changed pages to the medium and waits for
            // it, here in somebody's unpin, and may fail. The operating system writes them after the unmapping as well.
            _view!.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.SafeMemoryMappedViewHandle.Dispose();
            _view.Dispose();
            _map!.Dispose();
        }
        else
        {
            UnmapMemory((nint)Address, (nuint)Length);
        }
        Address = null;
    }

    private bool TryMapWindows(SafeFileHandle file)
    {
        try
        {
            // Capacity 0 takes the file's own length: mapping never extends a file.
            _map = MemoryMappedFile.CreateFromFile(file, null, 0, _options.Access, HandleInheritability.None, leaveOpen: true);
            _view = _map.CreateViewAccessor(0, Length, _options.Access);
            byte* address = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref address);
            Address = address + _view.PointerOffset;
            return true;
        }
        catch (Exception exception)
        {
            _view?.Dispose();
            _map?.Dispose();
            _view = null;
            _map = null;
            if (exception is IOException && Array.IndexOf(NoMemoryOnWindows, exception.HResult) >= 0)
                throw new InsufficientMemoryException($"No address space to map {Length} bytes of '{Path}'.", exception);
            if (IsCut(file))
                return false;
            throw;
        }
    }

    private Exception MapFailed(int error)
    {
        var inner = new Win32Exception(error);
        return error switch
        {
            NoMemory => new InsufficientMemoryException($"No address space to map {Length} bytes of '{Path}', or too many maps: {inner.Message}.", inner),
            NoDevice or InputOutput => new InvalidDataException($"'{Path}' is nothing that can be mapped: {inner.Message}. Read it as a stream.", inner),
            NotPermitted or NoAccess => new UnauthorizedAccessException($"'{Path}' may not be mapped so: {inner.Message}.", inner),
            _ => new IOException($"{Length} bytes of '{Path}' could not be mapped: {inner.Message}.", inner),
        };
    }

    private IOException FlushFailed()
    {
        var error = new Win32Exception();
        return new IOException($"The operating system could not write '{Path}': {error.Message}", error);
    }

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool FlushViewOfFile(nint address, nuint bytes);

    [LibraryImport("libc", EntryPoint = "msync", SetLastError = true)]
    private static partial int SyncMemory(nint address, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MapMemory(nint address, nuint length, int protection, int flags, SafeFileHandle file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int UnmapMemory(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int AdviseMemory(nint address, nuint length, int advice);
}
