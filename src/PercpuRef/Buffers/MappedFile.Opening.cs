using System.IO.MemoryMappedFiles;

namespace Percpu.Buffers;

// The usual ways to open one, without options.
public sealed partial class MappedFile
{
    /// <summary>Maps all of an existing file, for reading only. Others may go on reading, writing, renaming and deleting it.</summary>
    /// <param name="path">The file.</param>
    /// <inheritdoc cref="Open(string, MappedFileOptions?)" path="/exception"/>
    public static MappedFile OpenRead(string path) => Open(path, new MappedFileOptions { Access = MemoryMappedFileAccess.Read });
}
