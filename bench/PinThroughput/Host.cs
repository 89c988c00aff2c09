using System.Globalization;
using System.Reflection;
using System.Runtime;
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
/// <param name="Tiered">Settings of the JIT that change figures.</param>
/// <param name="Gc">The garbage collector's kind.</param>
/// <param name="Date">When the run started, UTC.</param>
/// <param name="Commit">The commit the program was built from; null if unknown.</param>
/// <param name="Command">The command line.</param>
/// <param name="Pinned">Whether each measuring thread stays on a processor of its own, as far as there are enough.</param>
/// <param name="ProcessorShare">How much of the processor time that the measuring threads asked for they got; below
/// <see cref="Measuring.ProcessorShare.Reliable"/> other programs disturbed them too much.</param>
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
    double ProcessorShare = 1)
{
    internal static Host Describe(string[] arguments) => new(
        CpuName(),
        Environment.ProcessorCount,
        RuntimeInformation.OSDescription,
        Environment.OSVersion.Version.ToString(),
        RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
        RuntimeInformation.FrameworkDescription,
        $"TieredCompilation={Setting("TieredCompilation")} TieredPGO={Setting("TieredPGO")}",
        $"{(GCSettings.IsServerGC ? "server" : "workstation")}, {(AppContext.GetData("System.GC.Concurrent") is "false" ? "not concurrent" : "concurrent")}",
        DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        CommitOfBuild(),
        string.Join(' ', ["PinThroughput", .. arguments]),
        Affinity.IsSupported);

    /// <summary>The environment goes before the project's setting; both are on by default.</summary>
    private static string Setting(string name) => Environment.GetEnvironmentVariable($"DOTNET_{name}")
        ?? (AppContext.TryGetSwitch($"System.Runtime.{name}", out bool on) && !on ? "0" : "1");

    private static string CpuName()
    {
        const string file = "/proc/cpuinfo";
        string? name = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        return name ?? "unknown";
    }

    // The SDK appends "+commit" to the version of what it builds inside a repository.
    private static string? CommitOfBuild() => typeof(Host).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?
        .InformationalVersion.Split('+', 2) is [_, var commit] ? commit : null;
}
