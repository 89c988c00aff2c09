using System.Diagnostics;
using System.Globalization;
using Percpu.Torture.Faults;

namespace Percpu.Torture.Running;

/// <summary>
/// Runs a segment in a process of its own: a crash (a reader on unmapped memory) and a hang become findings like any
/// other, and each segment starts with stripes that nobody has used.
/// </summary>
internal static class ChildProcess
{
    private const double Patience = 60;

    internal static SegmentReport Run(Segment segment, double seconds, ulong seed, string? stripes)
    {
        string file = Path.GetTempFileName();
        try
        {
            using Process process = Process.Start(Describe(segment, seconds, seed, stripes, file))!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            bool ended = process.WaitForExit(TimeSpan.FromSeconds(seconds + Patience));
            if (!ended)
                process.Kill(entireProcessTree: true);
            process.WaitForExit();
            if (ended && process.ExitCode is >= 0 and <= 3 && new FileInfo(file).Length > 0)
                return Reports.ReadSegment(file);
            string tail = string.Join('\n', (errors.Result + output.Result).Split('\n').TakeLast(30));
            if (ended && process.ExitCode != 0 && IsAddressSpaceLimited && SaysNoMemory(tail))
                return SegmentReport.Starved(segment.Name, segment.Mode, seed, tail);
            return Failed(segment, seed, ended ? $"The process crashed, exit code {process.ExitCode}: {tail}" : $"The process did not end: {tail}");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static ProcessStartInfo Describe(Segment segment, double seconds, ulong seed, string? stripes, string file)
    {
        // Under an emulator a process's own path starts nothing: the script that runs us names what does.
        string program = Environment.GetEnvironmentVariable("PERCPU_HOST") ?? Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardError = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, typeof(ChildProcess).Assembly.GetName().Name + ".dll"));
        string[] arguments =
        [
            "--inline", "--workload", segment.Name, "--mode", segment.Mode.ToString(), "--json", file,
            "--seconds", seconds.ToString("R", CultureInfo.InvariantCulture), "--seed", seed.ToString(CultureInfo.InvariantCulture),
        ];
        if (stripes is not null)
            arguments = [.. arguments, "--stripes", stripes];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        // Code is compiled once and for good (ahead of time it is anyway): a loop that is replaced half-way would be measured in two states.
        start.Environment["DOTNET_TieredCompilation"] = "0";
        return start;
    }

    private static bool IsAddressSpaceLimited => OperatingSystem.IsLinux() && LinuxThreads.AddressSpaceLimit() != ulong.MaxValue;

    /// <summary>Under <c>ulimit -v</c> the C library and the runtime, which end a process for which there is no memory, say why.</summary>
    private static bool SaysNoMemory(string output) =>
        output.Contains("out of memory", StringComparison.OrdinalIgnoreCase) || output.Contains("cannot allocate memory", StringComparison.OrdinalIgnoreCase);

    private static SegmentReport Failed(Segment segment, ulong seed, string what) => new()
    {
        Name = segment.Name,
        Mode = Reports.NameOf(segment.Mode),
        Seed = seed,
        Verdict = Verdict.Violated,
        Violations = { what },
    };
}
