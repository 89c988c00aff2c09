namespace Percpu.HostTests.Support;

/// <summary>A folder of its own for one test.</summary>
internal sealed class TempFolder : IDisposable
{
    internal string Root { get; } = System.IO.Directory.CreateTempSubdirectory("percpu-").FullName;

    internal string At(string name) => Path.Combine(Root, name);

    /// <summary>How many mappings of files in it the process has, as the operating system says (Linux; elsewhere 0).</summary>
    internal int Maps => OperatingSystem.IsLinux() ? File.ReadLines("/proc/self/maps").Count(line => line.Contains(Root, StringComparison.Ordinal)) : 0;

    public void Dispose() => System.IO.Directory.Delete(Root, recursive: true);
}
