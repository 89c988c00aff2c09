using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Percpu.PinThroughput.Processes;

/// <summary>
/// This program beside the library of an older build: a copy of its folder in which the older library's assemblies replace ours.
/// So the same loops measure both, also workloads that the older program did not have. Subjects must keep to the public surface
/// that both libraries have.
/// </summary>
internal sealed class OlderBuild : IDisposable
{
    private const string Library = "PercpuRef.dll";
    private static readonly string[] Assemblies = [Library, "PercpuRef.Pagemap.dll"];

    private OlderBuild(string folder, string? commit) => (Folder, Commit) = (folder, commit);

    internal string Folder { get; }

    /// <summary>The commit that the older library was built from; null if unknown.</summary>
    internal string? Commit { get; }

    /// <param name="path">The folder of an older build of this program, or the program in it.</param>
    /// <exception cref="InvalidDataException">Not such a folder, or this build is one file.</exception>
    internal static OlderBuild Prepare(string path)
    {
        string source = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!File.Exists(Path.Combine(source, Library)))
            throw new InvalidDataException($"--against: there is no {Library} in '{source}'.");
        if (!RuntimeFeature.IsDynamicCodeCompiled || !File.Exists(Path.Combine(AppContext.BaseDirectory, Library)))
            throw new InvalidDataException("--against: this build is one file, in which no assembly can be replaced; use a build of several files.");
        string copy = Directory.CreateTempSubdirectory("pin-throughput-").FullName;
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        foreach (string assembly in Assemblies)
            File.Copy(Path.Combine(source, assembly), Path.Combine(copy, assembly), overwrite: true);
        string? version = FileVersionInfo.GetVersionInfo(Path.Combine(copy, Library)).ProductVersion;
        return new OlderBuild(copy, version?.Split('+', 2) is [_, var commit] ? commit : null);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
