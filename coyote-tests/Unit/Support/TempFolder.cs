namespace Percpu.Unit.Support;

/// <summary>A folder of its own for one test.</summary>
internal sealed class TempFolder : IDisposable
{
    internal TempFolder(string? parent = null)
    {
        Root = parent is null
            ? Directory.CreateTempSubdirectory("percpu-").FullName
            : Directory.CreateDirectory(Path.Combine(parent, "percpu-" + Guid.NewGuid().ToString("N"))).FullName;
    }

    internal string Root { get; }

    internal string At(string name) => Path.Combine(Root, name);

    /// <summary>A file of the bytes 0, 1, 2, ... modulo 251, or of one value.</summary>
    internal string WithBytes(string name, int length, byte? value = null)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
            bytes[i] = value ?? (byte)(i % 251);
        File.WriteAllBytes(At(name), bytes);
        return At(name);
    }

    /// <summary>A file that is all hole.</summary>
    internal string Sparse(string name, long length)
    {
        using var stream = new FileStream(At(name), FileMode.CreateNew, FileAccess.Write);
        try
        {
            stream.SetLength(length);
        }
        catch (Exception exception) when (exception is IOException or ArgumentOutOfRangeException)
        {
            Assert.Skip($"The file system cannot hold a sparse file of {length} bytes: {exception.Message}");
        }
        return At(name);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
