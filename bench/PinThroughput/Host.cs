using System.Globalization;
using System.Reflection;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput;

/// <summary>Where and how a result was measured.</summary>
/// <param name="Cpu">The processor's name.</param>
/// <param name="Cores">Logical processors that the process may use.</param>
/// <param name="Os">The operating system's name and version.</param>
/// <param name="Kernel">Its kernel's version.</param>
/// <param name="Architecture">Of the process.</param>
/// <param name="Runtime">The .NET runtime's version.</param>
/// <param name="Tiered">Settings of the JIT that change figures, or that there is none.</param>
/// <param name="Gc">The garbage collector's kind.</param>
/// <param name="Date">When the run started, UTC.</param>
/// <param name="Commit">The commit the program was built from; null if unknown.</param>
/// <param name="Command">The command line.</param>
/// <param name="Pinned">Whether each measuring thread stays on a processor of its own, as far as there are enough.</param>
/// <param name="ProcessorShare">How much of the processor time that the measuring threads asked for they got; below
/// <see cref="Measuring.ProcessorShare.Reliable"/> other programs disturbed them too much.</param>
/// <param name="Older">The commit of the library that stands beside (<c>--against</c>); null without one.</param>
internal sealed record Host(
    string Cpu,
    int Cores,
    string Os,
    string Kernel,
    string Architecture,
    string Runtime,
    string Tiered,
    string Gc,
    string Date,
    string? Commit,
    string Command,
    bool Pinned = false,
    double ProcessorShare = 1,
    string? Older = null)
{
    internal static Host Describe(string[] arguments) => new(
        CpuName(),
        Environment.ProcessorCount,
        RuntimeInformation.OSDescription,
        Environment.OSVersion.Version.ToString(),
        RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
        RuntimeInformation.FrameworkDescription,
        RuntimeFeature.IsDynamicCodeCompiled ? $"TieredCompilation={Setting("TieredCompilation")} TieredPGO={Setting("TieredPGO")}" : "compiled ahead of time",
        $"{(GCSettings.IsServerGC ? "server" : "workstation")}, {(AppContext.GetData("System.GC.Concurrent") is "false" ? "not concurrent" : "concurrent")}",
        DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        CommitOfBuild(),
        string.Join(' ', ["PinThroughput", .. arguments]),
        Affinity.IsSupported);

    /// <summary>The environment goes before the project's setting; both are on by default.</summary>
    private static string Setting(string name) => Environment.GetEnvironmentVariable($"DOTNET_{name}")
        ?? (AppContext.TryGetSwitch($"System.Runtime.{name}", out bool on) && !on ? "0" : "1");

    /// <summary>The name alone may hide the generation ("AMD EPYC" of a virtual machine), so its numbers stand beside it.</summary>
    private static string CpuName()
    {
        const string file = "/proc/cpuinfo";
        if (!File.Exists(file))
            return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";
        Dictionary<string, string> fields = File.ReadLines(file)
            .TakeWhile(line => line.Length > 0)
            .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
            .Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
        string name = fields.GetValueOrDefault("model name", "unknown");
        return fields.TryGetValue("cpu family", out string? family) && fields.TryGetValue("model", out string? model)
            ? $"{name} (family {family}, model {model})"
            : name;
    }

    // The SDK appends "+commit" to the version of what it builds inside a repository.
    private static string? CommitOfBuild() => typeof(Host).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?
        .InformationalVersion.Split('+', 2) is [_, var commit] ? commit : null;
}
