using System.Diagnostics;
using System.Globalization;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Reports;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Processes;

/// <summary>
/// A run repeated in several processes, one after the other: what the JIT decides, and where memory lies, differs from process to
/// process and not from round to round. With an older build each process has one of the older build beside it, in turns before and after.
/// </summary>
internal sealed class ManyProcesses(Options options, int count, OlderBuild? older)
{
    private readonly List<Result> _ours = [];
    private readonly List<Result> _older = [];

    /// <exception cref="CheckFailedException">A process failed.</exception>
    internal Result Run(Host host)
    {
        for (int i = 0; i < count; i++)
        {
            if (older is not null && i % 2 == 1)
                _older.Add(RunOne(older.Folder, i));
            _ours.Add(RunOne(null, i));
            if (older is not null && i % 2 == 0)
                _older.Add(RunOne(older.Folder, i));
        }
        return Merge.Of(host with { Older = older is null ? null : older.Commit ?? "unknown" }, options.Workloads, _ours, _older);
    }

    private Result RunOne(string? folder, int number)
    {
        var file = new FileInfo(Path.GetTempFileName());
        try
        {
            ProcessStartInfo start = OwnProgram.Describe(Arguments(file.FullName), folder);
            start.RedirectStandardOutput = true;
            start.RedirectStandardError = true;
            using Process child = Process.Start(start)!;
            Task<string> errors = child.StandardError.ReadToEndAsync();
            child.StandardOutput.ReadToEnd();
            child.WaitForExit();
            if (child.ExitCode != ExitCode.Success)
                throw new CheckFailedException($"process {number + 1}{(folder is null ? "" : " of the older build")} ended with exit code {child.ExitCode}: {errors.Result.Trim()}");
            Result result = JsonReport.Read(file);
            Console.WriteLine($"process {number + 1} of {count}{(folder is null ? "" : ", older build")}: {result.Results.Count} rows, "
                + $"{result.Results.Count(row => !row.IsReliable)} of them on shared cores");
            return result;
        }
        finally
        {
            file.Delete();
        }
    }

    private List<string> Arguments(string json)
    {
        List<string> arguments =
            [
                "--workload", string.Join(',', options.Workloads.Select(workload => workload.Id)),
                "--threads", string.Join(',', options.Threads),
                "--seconds", Math.Max(0.1, options.Measuring.TotalSeconds / count).ToString("F3", CultureInfo.InvariantCulture),
                "--json", json, CommandLine.OneOfMany,
            ];
        if (options.Peers)
            arguments.Add("--peers");
        if (options.StripeKind is { } kind)
            arguments.AddRange(["--stripes", kind]);
        return arguments;
    }
}
