using System.IO.MemoryMappedFiles;
using Percpu.Buffers;

namespace Percpu.PinThroughput.Subjects.MappedRead;

/// <summary>A real file of 64 MiB whose bytes follow from their positions, deleted at the end.</summary>
internal sealed class DataFile : IDisposable
{
    internal const int Length = 64 << 20;

    internal DataFile()
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"pin-throughput-{Guid.NewGuid():N}.bin");
        using MappedFile file = MappedFile.Create(Path, Length);
        try
        {
            using MappedPin pin = file.Pin();
            Span<byte> bytes = pin.Span;
            for (int i = 0; i < bytes.Length; i++)
                bytes[i] = ByteAt(i);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal string Path { get; }

    internal static byte ByteAt(int position) => (byte)((uint)position * 0x9E3779B1 >> 24);

    internal MemoryMappedFile Map() => MemoryMappedFile.CreateFromFile(Path, FileMode.Open, null, 0, MemoryMappedFileAccess.ReadWrite);

    /// <summary>Deletes the file once everybody has mapped it, where that is allowed: an aborted run leaves nothing.</summary>
    internal void Unlink()
    {
        if (!OperatingSystem.IsWindows())
            File.Delete(Path);
    }

    public void Dispose() => File.Delete(Path);
}
