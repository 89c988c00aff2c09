namespace Percpu.Unit.Support;

/// <summary>The files of this repository.</summary>
internal static partial class Repository
{
    private static readonly Lazy<string> RootFolder = new(FindRoot);

    internal static string At(string relative) => Path.Combine(RootFolder.Value, relative);

    /// <summary>The text of a source file, for tests that compile it. The tool of mutants puts one file in place of another so: see coyote-tests/Mutants.</summary>
    internal static string ReadSource(string path) =>
        Environment.GetEnvironmentVariable("PERCPU_MUTANTS_SOURCE") is { } folder && Path.Combine(folder, Path.GetRelativePath(RootFolder.Value, path)) is var other
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
