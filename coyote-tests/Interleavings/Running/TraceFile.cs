namespace Percpu.Interleavings.Running;

/// <summary>Traces that are too long for a command line: a terminal cuts a pasted line at 4,096 characters.</summary>
internal static class TraceFile
{
    /// <summary>Puts a result's trace into a file in the temporary folder.</summary>
    /// <returns>The file's path.</returns>
    internal static string Write(RunResult result)
    {
        string folder = Path.Combine(Path.GetTempPath(), "percpuref-interleavings");
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"{result.Scenario}-{Hash(result.Trace):x8}.trace");
        File.WriteAllText(path, result.Trace + "\n");
        return path;
    }

    private static uint Hash(string text) => text.Aggregate(2166136261u, (hash, letter) => (hash ^ letter) * 16777619u);
}
