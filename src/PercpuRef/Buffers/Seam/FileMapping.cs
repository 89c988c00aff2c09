using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Percpu.Buffers;

/// <summary>A file mapped into the address space. The file is closed as soon as it is mapped, unless somebody needs it open.</summary>
internal sealed unsafe partial class FileMapping
{
    private readonly MappedFileOptions _options;
    private SharedFile? _file; // Null once closed.
    private FileStatus _status;

    private FileMapping(SharedFile file, string path, MappedFileOptions options)
    {
        _file = file;
        _options = options;
        Path = path;
    }

    internal string Path { get; }

    internal byte* Address { get; private set; }

    internal long Length { get; private set; }

    /// <summary>Whether a store to the memory is legal (to the file, or to a private copy).</summary>
    internal bool IsWritable => _options.Access != MemoryMappedFileAccess.Read;

    /// <summary>Whether stores stay in this map.</summary>
    internal bool IsPrivate => _options.Access == MemoryMappedFileAccess.CopyOnWrite;

    // Windows writes changed pages to the medium through the open file. A share that keeps others out lasts as long as it is open.
    private bool StaysOpen =>
        OperatingSystem.IsWindows() || _options.KeepOpen || (_options.Share & FileShare.ReadWrite) != FileShare.ReadWrite;

    /// <summary>Opens and maps an existing file; a length of 0 maps all of it.</summary>
    internal static FileMapping Open(string path, MappedFileOptions options)
    {
        path = System.IO.Path.GetFullPath(path); // For later: the current folder may change.
        // Before it is opened: that would wait for the other end of a pipe.
        if (FileStatus.TryRead(path, out FileStatus status))
            CheckKind(path, status.Kind);
        return Of(OpenFile(path, FileMode.Open, options), path, options).MapFile(options.Length);
    }

    /// <summary>Creates a file of a length that did not exist, and maps it. Deletes it again when that fails.</summary>
    internal static FileMapping Create(string path, long length, MappedFileOptions options)
    {
        path = System.IO.Path.GetFullPath(path);
        SafeFileHandle handle = OpenFile(path, FileMode.CreateNew, options, options.Allocate ? length : 0);
        try
        {
            var file = new SharedFile(handle);
            file.Extend(path, length, allocate: false); // That has been done.
            return new FileMapping(file, path, options).MapFile(length);
        }
        catch
        {
            handle.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>A second, longer map of the same file, which is extended where it is shorter. Under a pin.</summary>
    internal FileMapping Grow(long length)
    {
        FileMapping mapping;
        if (_file is null)
        {
            mapping = Of(Reopen(), Path, _options);
        }
        else
        {
            mapping = new FileMapping(_file, Path, _options);
            _file.Share();
        }
        SharedFile file = mapping._file!;
        try
        {
            if (_options.Access == MemoryMappedFileAccess.ReadWrite && FileStatus.Of(file.Handle).Kind == FileKind.Regular)
                file.Extend(Path, length, _options.Allocate);
        }
        catch
        {
            file.Drop();
            throw;
        }
        return mapping.MapFile(length);
    }

    /// <summary>Not mapped yet. Closes the file when that fails.</summary>
    private static FileMapping Of(SafeFileHandle handle, string path, MappedFileOptions options)
    {
        try
        {
            return new FileMapping(new SharedFile(handle), path, options);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private void Close()
    {
        UnmapView();
        _file?.Drop();
    }

    /// <summary>Maps the open file, and closes it if it need not stay open. Also when that fails.</summary>
    private FileMapping MapFile(long wanted)
    {
        SharedFile file = _file!;
        bool stays = false;
        try
        {
            // Another program may cut the file meanwhile: a touch of what is missing would end the process.
            do
            {
                UnmapView();
                _status = FileStatus.Of(file.Handle);
                Length = LengthToMap(wanted);
            }
            while (!TryMapView(file.Handle) || IsCut(file.Handle));
            stays = StaysOpen;
            return this;
        }
        catch
        {
            UnmapView();
            throw;
        }
        finally
        {
            if (!stays)
            {
                _file = null;
                file.Drop();
            }
        }
    }

    /// <summary>The open file has become shorter than its map.</summary>
    private bool IsCut(SafeFileHandle file) => _status.Kind != FileKind.CharacterDevice && FileStatus.Of(file).Length < Length;

    private long LengthToMap(long wanted)
    {
        CheckKind(Path, _status.Kind);
        if (_status.Kind == FileKind.CharacterDevice)
        {
            return wanted != 0 ? wanted : throw new InvalidDataException(
                $"'{Path}' is a character device, which does not tell its length: say in MappedFileOptions.Length how much of it to map.");
        }
        if (_status.Length < wanted)
        {
            string why = _options.Access == MemoryMappedFileAccess.ReadWrite ? "" : ", and it was not opened for writing";
            throw new EndOfStreamException($"'{Path}' has {_status.Length} bytes, {wanted} were asked for{why}.");
        }
        return wanted == 0 ? _status.Length : wanted;
    }

    /// <summary>Opens the file again, and makes sure that it is the same one.</summary>
    private SafeFileHandle Reopen()
    {
        SafeFileHandle? handle = null;
        try
        {
            // Before it is opened, as in Open.
            if (FileStatus.TryRead(Path, out FileStatus found) && found.IsSameAs(_status))
            {
                handle = OpenFile(Path, FileMode.Open, _options);
                if (FileStatus.Of(handle).IsSameAs(_status))
                    return handle;
            }
        }
        catch (IOException exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            // Gone between the two.
        }
        catch
        {
            handle?.Dispose();
            throw;
        }
        handle?.Dispose();
        throw new IOException($"'{Path}' is no longer the file that is mapped: that was renamed, replaced or deleted. A file that shall grow all the same must be opened with MappedFileOptions.KeepOpen.");
    }

    private static void CheckKind(string path, FileKind kind)
    {
        if (kind == FileKind.Folder)
            throw new UnauthorizedAccessException($"'{path}' is a folder.");
        if (kind is FileKind.Pipe or FileKind.Socket)
            throw new InvalidDataException($"'{path}' is a {(kind == FileKind.Pipe ? "pipe" : "socket")}, which cannot be mapped: read it as a stream, or copy it into a file first.");
    }

    private static SafeFileHandle OpenFile(string path, FileMode mode, MappedFileOptions options, long preallocate = 0) => File.OpenHandle(
        path, mode, options.Access == MemoryMappedFileAccess.ReadWrite ? FileAccess.ReadWrite : FileAccess.Read, options.Share, FileOptions.None, preallocate);
}
