namespace Percpu.Unit.Support;

/// <summary>The files of this repository.</summary>
internal static partial class Repository
{
    private static readonly Lazy<string> RootFolder = new(FindRoot);

    internal static string At(string relative) => Path.Combine(RootFolder.Value, relative);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PercpuRef.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException($"PercpuRef.sln is in no folder above {AppContext.BaseDirectory}.");
    }
}
