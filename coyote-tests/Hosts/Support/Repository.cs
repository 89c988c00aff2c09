namespace Percpu.HostTests.Support;

/// <summary>The files of this repository.</summary>
internal static class Repository
{
    internal static string At(string relative)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PercpuRef.sln")))
                return Path.Combine(folder.FullName, relative);
        }
        throw new InvalidOperationException($"PercpuRef.sln is in no folder above {AppContext.BaseDirectory}.");
    }
}
