namespace Percpu.PinThroughput.Subjects.Scan;

/// <summary>Looks for a JDK, which can run a program from its source: JAVA_HOME first, then the PATH.</summary>
internal static class Jdk
{
    /// <summary>The java command, or null where there is no JDK.</summary>
    internal static string? Java { get; } = Find();

    private static string? Find()
    {
        string suffix = OperatingSystem.IsWindows() ? ".exe" : "";
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (Environment.GetEnvironmentVariable("JAVA_HOME") is { Length: > 0 } home)
            folders = folders.Prepend(Path.Combine(home, "bin"));
        foreach (string folder in folders)
        {
            string java = Path.Combine(folder, "java" + suffix);
            if (File.Exists(java) && File.Exists(Path.Combine(folder, "javac" + suffix)))
                return java;
        }
        return null;
    }
}
