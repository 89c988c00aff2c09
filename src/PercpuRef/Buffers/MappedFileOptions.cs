using System.IO.MemoryMappedFiles;

namespace Percpu.Buffers;

/// <summary>How a <see cref="MappedFile"/> is opened.</summary>
public sealed class MappedFileOptions
{
    /// <summary><see cref="MemoryMappedFileAccess.ReadWrite"/> (default), <see cref="MemoryMappedFileAccess.Read"/>, or
    /// <see cref="MemoryMappedFileAccess.CopyOnWrite"/>: writes stay private to this mapping.</summary>
    public MemoryMappedFileAccess Access { get; init; } = MemoryMappedFileAccess.ReadWrite;

    /// <summary>What others may do with the file while it is mapped. Default: read and write.</summary>
    public FileShare Share { get; init; } = FileShare.ReadWrite | FileShare.Delete;

    /// <summary>How many bytes from the start are mapped; the file must have as many. 0 (default): the whole file.
    /// Not for <see cref="MappedFile.Create"/>, which has a length of its own.</summary>
    public long Length { get; init; }
}
