using System.IO.MemoryMappedFiles;

namespace Percpu.Buffers;

/// <summary>How a <see cref="MappedFile"/> is opened.</summary>
public sealed class MappedFileOptions
{
    /// <summary><see cref="MemoryMappedFileAccess.ReadWrite"/> (default), <see cref="MemoryMappedFileAccess.Read"/>, or
    /// <see cref="MemoryMappedFileAccess.CopyOnWrite"/>: writes stay private to this mapping.</summary>
    public MemoryMappedFileAccess Access { get; init; } = MemoryMappedFileAccess.ReadWrite;

    /// <summary>What others may do with the file while it is open. Default: read and write. A share without both keeps the file
    /// open as long as it is mapped, like <see cref="KeepOpen"/>. Outside Windows only .NET programs heed it.</summary>
    public FileShare Share { get; init; } = FileShare.ReadWrite | FileShare.Delete;

    /// <summary>How many bytes from the start are mapped; the file must have as many. 0 (default): the whole file.
    /// A character device must be told so, as it has no length that anybody could ask for.
    /// Not for <see cref="MappedFile.Create"/>, which has a length of its own.</summary>
    public long Length { get; init; }

    /// <summary>Whether the file stays open as long as it is mapped. Default: false; it is closed once it is mapped, so that no map
    /// costs a descriptor (Windows, which has handles enough, keeps it open always). Only <see cref="MappedFile.Grow"/> needs
    /// the file, and opens it again by its path; with this option it grows also when it was renamed, replaced or deleted, or
    /// may no longer be opened.</summary>
    public bool KeepOpen { get; init; }

    /// <summary>Whether <see cref="MappedFile.Create"/> and <see cref="MappedFile.Grow"/> allocate blocks on the disk for all bytes they add
    /// (default), so that a full disk is an exception there and not a fault at a later store. False leaves a hole.
    /// Where the file system cannot allocate, and in <c>Grow</c> on macOS and FreeBSD, there is a hole in either case.</summary>
    public bool Allocate { get; init; } = true;
}
