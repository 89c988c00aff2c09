namespace Percpu.Unit.Buffers;

/// <summary>A file of a test, deleted afterwards. Its bytes are 0, 1, 2, ... modulo 251 unless it is all hole.</summary>
internal sealed class ScratchFile : IDisposable
{
    internal ScratchFile(long length, bool sparse = false)
    {
        Location = Path.Combine(Path.GetTempPath(), "percpu-" + Guid.NewGuid().ToString("N"));
        using FileStream stream = File.Create(Location);
        if (sparse)
            stream.SetLength(length);
        else
            stream.Write([.. Enumerable.Range(0, (int)length).Select(i => (byte)(i % 251))]);
    }

    internal string Location { get; }

    /// <summary>How often the file is mapped, as the operating system says (Linux; elsewhere 0).</summary>
    internal int Maps => OperatingSystem.IsLinux()
        ? File.ReadLines("/proc/self/maps").Count(line => line.Contains(Location, StringComparison.Ordinal))
        : 0;

    public void Dispose() => File.Delete(Location);
}
