namespace Percpu.Interleavings.Twins;

/// <summary>The source files of this program, found by walking up from where it was built.</summary>
internal sealed class SourceTree
{
    private readonly string _root;

    private SourceTree(string root) => _root = root;

    /// <exception cref="DirectoryNotFoundException">The program does not run from inside its repository.</exception>
    internal static SourceTree Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PercpuRef.sln")))
                return new SourceTree(folder.FullName);
        }
        throw new DirectoryNotFoundException("Twins are made from the source files: run this program inside the repository.");
    }

    internal string Root => _root;

    /// <summary>Path below the root and text of every file of a shipped project, its seam included.</summary>
    internal IReadOnlyDictionary<string, string> ReadShipped(string project) => Read($"src/{project}", parts => true);

    /// <summary>Path below the root and text of every file that the explorer is compiled from, but its command line.</summary>
    internal IReadOnlyDictionary<string, string> Read()
    {
        string[] folders = ["src/PercpuRef", "src/PercpuRef.Pagemap", "src/PercpuRef.Interleavings", "src/Seam", "coyote-tests/Interleavings", "docs/examples/Interleavings"];
        return folders.SelectMany(folder => Read(folder, IsCompiled)).ToDictionary();
    }

    private SortedDictionary<string, string> Read(string folder, Func<string[], bool> isWanted)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(_root, folder), "*.cs", SearchOption.AllDirectories))
        {
            string path = Path.GetRelativePath(_root, file).Replace('\\', '/');
            string[] parts = path.Split('/');
            if (!parts.Contains("bin") && !parts.Contains("obj") && isWanted(parts))
                files.Add(path, File.ReadAllText(file).ReplaceLineEndings("\n"));
        }
        return files;
    }

    private static bool IsCompiled(string[] parts) => parts[0] switch
    {
        "src" => parts[1] == "Seam" || !parts.Contains("Seam"),
        "docs" => parts[^1] is "TreiberStack.cs" or "StackFault.cs",
        _ => parts.Length > 3 && parts[2] is "Seam" or "Running" or "Scenarios" or "Engines"
            && (parts[3] != "Coyote" || Engines.EngineCatalog.HasCoyote),
    };
}
