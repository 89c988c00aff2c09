namespace Percpu.Results;

/// <summary>Where the repository is.</summary>
internal static class RepositoryRoot
{
    /// <exception cref="InvalidDataException">No folder above this program or the current folder is one.</exception>
    internal static string Find() =>
        Above(AppContext.BaseDirectory) ?? Above(Environment.CurrentDirectory)
            ?? throw new InvalidDataException($"PercpuRef.sln is in no folder above '{AppContext.BaseDirectory}' or '{Environment.CurrentDirectory}'.");

    private static string? Above(string path)
    {
        for (DirectoryInfo? folder = new(path); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PercpuRef.sln")))
                return folder.FullName;
        }
        return null;
    }
}
