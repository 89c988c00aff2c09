using System.Diagnostics;

namespace Percpu.PinThroughput;

/// <summary>This program again, as a process of its own.</summary>
internal static class OwnProgram
{
    internal const string Name = "PinThroughput";

    /// <summary>How to start it: from the folder of the running one, or from another one that holds a copy.</summary>
    internal static ProcessStartInfo Describe(IEnumerable<string> arguments, string? folder = null)
    {
        string running = Environment.ProcessPath!;
        string place = folder ?? AppContext.BaseDirectory;
        return Path.GetFileNameWithoutExtension(running) == "dotnet"
            ? new ProcessStartInfo(running, [Path.Combine(place, $"{Name}.dll"), .. arguments])
            : new ProcessStartInfo(folder is null ? running : Path.Combine(folder, Path.GetFileName(running)), arguments);
    }

    /// <summary>Runs it to its end. Returns its exit code and the first line that it wrote.</summary>
    internal static (int ExitCode, string Answer) Ask(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        using Process child = Process.Start(start)!;
        string answer = child.StandardOutput.ReadLine() ?? "";
        child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return (child.ExitCode, answer);
    }
}
