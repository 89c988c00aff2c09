using System.ComponentModel;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Percpu.Buffers;

/// <summary>A file mapped into the address space by the operating system, through .NET's own classes.</summary>
internal sealed unsafe partial class FileMapping
{
    private const int SyncLinux = 4, SyncOther = 0x10; // MS_SYNC

    // The errors with which Linux, macOS (12) and Windows (8, 1455) say that there is no address space or commit left.
    private static readonly int[] NoMemoryErrors = [12, unchecked((int)0x80070008), unchecked((int)0x800705AF)];

    // More than .NET maps in one piece outside Windows. It says so with an error of its own.
    private const long MaxView = 8_192_000_000_000;

    private readonly SharedFile _file;
    private readonly MappedFileOptions _options;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;

    private FileMapping(SharedFile file, MemoryMappedFile map, MemoryMappedViewAccessor view, string path, long length, MappedFileOptions options)
    {
        _file = file;
        _options = options;
        _map = map;
        _view = view;
        Path = path;
        Length = length;
        byte* address = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref address);
        Address = address + view.PointerOffset;
    }

    internal string Path { get; }

    internal byte* Address { get; }

    internal long Length { get; }

    /// <summary>Whether a store to the memory is legal (to the file, or to a private copy).</summary>
    internal bool IsWritable => _options.Access != MemoryMappedFileAccess.Read;

    /// <summary>Whether stores stay in this map.</summary>
    internal bool IsPrivate => _options.Access == MemoryMappedFileAccess.CopyOnWrite;

    /// <summary>Opens and maps an existing file; a length of 0 maps all of it.</summary>
    internal static FileMapping Open(string path, MappedFileOptions options)
    {
        // Before it is opened: that would wait for the other end of a pipe, and pipes, sockets and terminals have no length.
        if (FinalTarget(path) is { Exists: true, Length: 0 })
            throw Empty(path);
        SafeFileHandle handle = OpenFile(path, FileMode.Open, options);
        try
        {
            long length = RandomAccess.GetLength(handle);
            if (length == 0)
                throw Empty(path);
            if (length < options.Length)
                throw new EndOfStreamException($"The file '{path}' has {length} bytes, {options.Length} were asked for.");
            return Map(new SharedFile(handle), path, options.Length == 0 ? length : options.Length, options);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Creates a file of a length that did not exist, and maps it. Deletes it again when that fails.</summary>
    internal static FileMapping Create(string path, long length, MappedFileOptions options)
    {
        // The blocks are allocated now: a store into a hole of a full disk would be a fault that ends the process.
        SafeFileHandle handle = OpenFile(path, FileMode.CreateNew, options, preallocate: length);
        try
        {
            var file = new SharedFile(handle);
            file.Extend(path, length);
            return Map(file, path, length, options);
        }
        catch
        {
            handle.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>A second, longer map of the same open file, which is extended where it is shorter. Under a pin.</summary>
    internal FileMapping Grow(long length)
    {
        if (IsWritable)
            _file.Extend(Path, length);
        else if (RandomAccess.GetLength(_file.Handle) is var has && has < length)
            throw new EndOfStreamException($"The file '{Path}' has {has} bytes, {length} were asked for, and it was opened for reading only.");
        _file.Share();
        try
        {
            return Map(_file, Path, length, _options);
        }
        catch
        {
            _file.Drop();
            throw;
        }
    }

    /// <summary>Writes the changed pages of a range to the medium. Under a pin.</summary>
    internal void Flush(long offset, long length)
    {
        nint start = (nint)(Address + offset) & -Environment.SystemPageSize;
        nuint bytes = (nuint)((nint)(Address + offset + length) - start);
        if (OperatingSystem.IsWindows())
        {
            if (!FlushViewOfFile(start, bytes))
                throw FlushFailed();
            RandomAccess.FlushToDisk(_file.Handle);
        }
        else if (SyncMemory(start, bytes, OperatingSystem.IsLinux() ? SyncLinux : OperatingSystem.IsFreeBSD() ? 0 : SyncOther) != 0)
        {
            throw FlushFailed();
        }
    }

    private void Close()
    {
        // The handle before the view: a view that is disposed first writes all changed pages to the medium and waits for
        // it, here in somebody's unpin, and may fail. The operating system writes them after the unmapping as well.
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.SafeMemoryMappedViewHandle.Dispose();
        _view.Dispose();
        _map.Dispose();
        _file.Drop();
    }

    private static FileInfo FinalTarget(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target : file;
    }

    private static InvalidDataException Empty(string path) => new($"The file '{path}' is empty: there is nothing to map.");

    private static SafeFileHandle OpenFile(string path, FileMode mode, MappedFileOptions options, long preallocate = 0) => File.OpenHandle(
        path, mode, options.Access == MemoryMappedFileAccess.ReadWrite ? FileAccess.ReadWrite : FileAccess.Read, options.Share, FileOptions.None, preallocate);

    private static FileMapping Map(SharedFile file, string path, long length, MappedFileOptions options)
    {
        MemoryMappedFile? map = null;
        MemoryMappedViewAccessor? view = null;
        try
        {
            // Capacity 0 takes the file's own length: mapping never extends a file.
            map = MemoryMappedFile.CreateFromFile(file.Handle, null, 0, options.Access, HandleInheritability.None, leaveOpen: true);
            view = map.CreateViewAccessor(0, length, options.Access);
            return new FileMapping(file, map, view, path, length, options);
        }
        catch (Exception exception)
        {
            view?.Dispose();
            map?.Dispose();
            if (exception is IOException && (length > MaxView || Array.IndexOf(NoMemoryErrors, exception.HResult) >= 0))
                throw new InsufficientMemoryException($"No address space to map {length} bytes of '{path}'.", exception);
            throw;
        }
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
}
