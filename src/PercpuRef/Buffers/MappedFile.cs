using System.IO.MemoryMappedFiles;
using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>
/// A memory-mapped file whose readers pin it for the price of about a nanosecond, and which may be disposed at any time:
/// the file is unmapped at the last unpin, so no reader ever touches unmapped memory.
/// </summary>
/// <remarks>
/// <para>Thread-safety: every member may be called from any thread at any time.</para>
/// <para>A file that another process truncates is outside this promise. Linux, macOS and FreeBSD then raise SIGBUS in the
/// thread that touches a page wholly beyond the new end, which ends a .NET process; the rest of the page in which the
/// file ends reads as zero. Windows refuses to truncate a file while it is mapped. Keep others from it by
/// permissions, or by <see cref="MappedFileOptions.Share"/> where the others honour it.</para>
/// </remarks>
public sealed unsafe partial class MappedFile : MappedMemory
{
    private readonly FileMapping _mapping;

    private MappedFile(FileMapping mapping)
        : base(mapping.Address, mapping.Length, mapping.IsWritable, _ => mapping.Unmap()) => _mapping = mapping;

    private protected override string Description => $"mapped file '{_mapping.Path}'";

    private protected override void ReportDrop() => PercpuEventSource.Log.MappedFileDropped(_mapping.Path);

    /// <summary>Maps an existing file, or a device. An empty file gives an empty map, of which there is nothing to read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Access and length; null for all of it, readable and writable.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty, or the options name an undefined access.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative length in the options.</exception>
    /// <exception cref="FileNotFoundException">No such file.</exception>
    /// <exception cref="DirectoryNotFoundException">No such folder.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission for the access asked, or it is a folder.</exception>
    /// <exception cref="InvalidDataException">Nothing that can be mapped: a pipe (the call does not wait for its other end), a socket,
    /// a character device without a length in the options or that cannot be mapped, a file of procfs and the like.</exception>
    /// <exception cref="EndOfStreamException">The file is shorter than the options ask.</exception>
    /// <exception cref="OutOfMemoryException">No address space (<see cref="InsufficientMemoryException"/>; also when the process has
    /// as many maps as it may have) or memory.</exception>
    /// <exception cref="IOException">Any other failure of the operating system.</exception>
    /// <remarks>The file is closed again once it is mapped, see <see cref="MappedFileOptions.KeepOpen"/>. A file that another program cuts
    /// during the call is mapped as it is then.</remarks>
    public static MappedFile Open(string path, MappedFileOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Wrap(FileMapping.Open(path, Check(options)));
    }

    /// <summary>Creates a file that does not exist yet, filled with zeros, and maps it. Its blocks are allocated on the
    /// disk at once where the file system can do that, so that no later store finds the disk full; see
    /// <see cref="MappedFileOptions.Allocate"/>.</summary>
    /// <param name="path">The file to create.</param>
    /// <param name="length">Its length in bytes, at least 1.</param>
    /// <param name="options">Sharing; the access must be <see cref="MemoryMappedFileAccess.ReadWrite"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty, or the access is not read-write.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is below 1, or the options name one too.</exception>
    /// <exception cref="IOException">The file exists, the disk is full, or the length is beyond what the file system
    /// can hold. Nothing is left behind of a file that this call created.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission.</exception>
    /// <exception cref="OutOfMemoryException">No address space (<see cref="InsufficientMemoryException"/>) or memory.</exception>
    public static MappedFile Create(string path, long length, MappedFileOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        options = Check(options);
        ArgumentOutOfRangeException.ThrowIfNotEqual(options.Length, 0, "options.Length");
        if (options.Access != MemoryMappedFileAccess.ReadWrite)
            throw new ArgumentException($"A new file is mapped readable and writable, not {options.Access}.", nameof(options));
        FileMapping mapping = FileMapping.Create(path, length, options);
        try
        {
            return Wrap(mapping);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>A longer map of the same file, which is extended with zeros where it is shorter. This one stays as it is:
    /// whoever holds a pin of it reads on. Hand the new one to the readers, then dispose of this one;
    /// <see cref="MappedCellExtensions.Grow"/> does all that, also for several threads at once.</summary>
    /// <param name="length">Length of the new map, more than <see cref="MappedMemory.Length"/>.</param>
    /// <returns>The new map. Both show the same bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is not more than this map has.</exception>
    /// <exception cref="InvalidOperationException">The map is copy-on-write: the new one would lack its writes.</exception>
    /// <exception cref="EndOfStreamException">Opened for reading only, or a device, and shorter than asked.</exception>
    /// <exception cref="IOException">The disk is full (the file is as long as it was), or the length is beyond what the file system can
    /// hold. Or the path no longer leads to the file that is mapped, which was renamed, replaced or deleted: open such a file with
    /// <see cref="MappedFileOptions.KeepOpen"/>.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may no longer be opened.</exception>
    /// <exception cref="OutOfMemoryException">No address space (<see cref="InsufficientMemoryException"/>) or memory.</exception>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    /// <remarks>Blocks for the new part are allocated at once, unless <see cref="MappedFileOptions.Allocate"/> says otherwise. When mapping
    /// fails after the file was extended, the file stays longer: another map may show the new part already. Threads may grow one
    /// file at once; several processes that do must exclude each other.</remarks>
    public MappedFile Grow(long length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(length, Length);
        if (_mapping.IsPrivate)
            throw new InvalidOperationException("A copy-on-write map cannot grow: the new map would lack what was written to this one.");
        using MappedPin pin = Pin();
        return Wrap(_mapping.Grow(length));
    }

    /// <summary>Writes changed pages to the file.</summary>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    /// <exception cref="IOException">The operating system could not write.</exception>
    /// <remarks>Blocks for the medium. Without it, changes reach the file when the operating system chooses.</remarks>
    public void Flush() => Flush(0, Length);

    /// <summary>Writes the changed pages of a range to the file.</summary>
    /// <param name="offset">First byte; whole pages are written.</param>
    /// <param name="length">Number of bytes; 0 is legal and writes nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the mapped bytes.</exception>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    /// <exception cref="IOException">The operating system could not write.</exception>
    /// <remarks>Blocks for the medium. Does nothing on a copy-on-write map, whose writes never reach the file.</remarks>
    public void Flush(long offset, long length)
    {
        Bounds.Check(offset, length, Length);
        using MappedPin pin = Pin();
        if (length != 0)
            FlushPinned(offset, length);
    }

    /// <summary>Flushes for a caller that holds a pin, also when the file was disposed meanwhile.</summary>
    internal void FlushPinned(long offset, long length)
    {
        if (_mapping.IsWritable && !_mapping.IsPrivate)
            _mapping.Flush(offset, length);
    }

    private static MappedFile Wrap(FileMapping mapping)
    {
        try
        {
            return new MappedFile(mapping);
        }
        catch
        {
            mapping.Unmap();
            throw;
        }
    }

    private static MappedFileOptions Check(MappedFileOptions? options)
    {
        options ??= new MappedFileOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.Length, "options.Length");
        if (options.Access is not (MemoryMappedFileAccess.Read or MemoryMappedFileAccess.ReadWrite or MemoryMappedFileAccess.CopyOnWrite))
            throw new ArgumentException($"Access must be Read, ReadWrite or CopyOnWrite, not {options.Access}.", nameof(options));
        return options;
    }
}
