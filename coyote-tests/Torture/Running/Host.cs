using System.Runtime.InteropServices;

namespace Percpu.Torture.Running;

/// <summary>Where a run took place.</summary>
internal sealed record Host(string Cpu, int Cores, string Architecture, string OperatingSystem, string Runtime)
{
    internal static Host Current { get; } = new(
        CpuName(), Environment.ProcessorCount, RuntimeInformation.ProcessArchitecture.ToString(),
        RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription);

    private static string CpuName()
    {
        const string info = "/proc/cpuinfo";
        if (File.Exists(info))
        {
            foreach (string line in File.ReadLines(info))
            {
                if (line.StartsWith("model name", StringComparison.Ordinal))
                    return line[(line.IndexOf(':') + 1)..].Trim();
            }
        }
        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";
    }
}
