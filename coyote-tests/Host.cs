using System.Reflection;
using System.Runtime.InteropServices;

namespace Percpu.Running;

/// <summary>Where a run took place, and what was run: part of every result file of the tests.</summary>
internal sealed record Host(string Cpu, int Cores, string Architecture, string OperatingSystem, string Runtime, string? Commit)
{
    internal static Host Current { get; } = new(
        CpuName(), Environment.ProcessorCount, RuntimeInformation.ProcessArchitecture.ToString(),
        RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, CommitOfBuild());

    /// <summary>The name alone may hide the generation ("AMD EPYC" of a virtual machine), so its numbers stand beside it.</summary>
    private static string CpuName()
    {
        const string info = "/proc/cpuinfo";
        if (!File.Exists(info))
            return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";
        string[] lines = [.. File.ReadLines(info).TakeWhile(line => line.Length > 0)];
        return Field("model name") is not { } name ? "unknown"
            : Field("cpu family") is { } family && Field("model") is { } model ? $"{name} (family {family}, model {model})"
            : name;

        string? Field(string field) => lines.Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
            .FirstOrDefault(parts => parts.Length == 2 && parts[0] == field)?[1];
    }

    // The SDK appends "+commit" to the version of what it builds inside a repository.
    private static string? CommitOfBuild() => typeof(Host).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?
        .InformationalVersion.Split('+', 2) is [_, var commit] ? commit : null;
}
