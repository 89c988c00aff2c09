namespace Percpu.Unit.Support;

/// <summary>The files of this repository.</summary>
internal static partial class Repository
{
    private static readonly Lazy<string> RootFolder = new(FindRoot);

    internal static string At(string relative) => Path.Combine(RootFolder.Value, relative);

    /// <summary>A folder with files that are taken in place of those of the repository, by their paths in it; see coyote-tests/Mutants.</summary>
    internal static string? OtherSource { get; } = Environment.GetEnvironmentVariable("PERCPU_MUTANTS_SOURCE");

    /// <summary>The text of a source file, for tests that compile it.</summary>
    internal static string ReadSource(string path) =>
        OtherSource is { } folder && Path.Combine(folder, Path.GetRelativePath(RootFolder.Value, path)) is var other
            && File.Exists(other) ? File.ReadAllText(other) : File.ReadAllText(path);

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
