using System.Diagnostics;
using System.Globalization;
using Percpu.Running;

namespace Percpu.Torture.Running;

/// <summary>The whole run: every segment in turn, then the verdict.</summary>
internal static class TortureRun
{
    /// <summary>What starting and ending a process takes on an idle machine. On a busy one it takes more; the run then
    /// takes longer rather than proving nothing.</summary>
    private const double SecondsPerStart = 0.35;

    internal static Verdict Run(TortureOptions options, string command)
    {
        var report = new RunReport
        {
            Command = command,
            Verdict = Verdict.Held,
            Seed = options.Seed,
            Seconds = options.Seconds,
            Started = DateTime.UtcNow,
            Host = Host.Current,
        };
        Console.WriteLine($"{report.Host.Cpu}, {report.Host.Cores} cores, {report.Host.OperatingSystem}, {report.Host.Runtime}, seed {options.Seed}");
        Segment[] segments = [.. Segment.Choose(options)];
        long started = Stopwatch.GetTimestamp();
        double perStart = SecondsPerStart;
        for (int i = 0; i < segments.Length; i++)
        {
            double begun = Stopwatch.GetElapsedTime(started).TotalSeconds;
            double seconds = Segment.SecondsOfFirst(segments.AsSpan(i), options.Seconds - begun, perStart);
            SegmentReport found = ChildProcess.Run(segments[i], seconds, options.Seed, options.Stripes);
            report.Segments.Add(found);
            Print(found);
            double took = Stopwatch.GetElapsedTime(started).TotalSeconds - begun;
            perStart = Math.Clamp(took - found.Seconds, SecondsPerStart, 2 * SecondsPerStart);
        }
        report.Verdict = Judge(report.Segments);
        if (options.Json is not null)
            Reports.Write(options.Json, report);
        Console.WriteLine($"{report.Gets:N0} gets, {report.Kills:N0} kills. Verdict: {Reports.NameOf(report.Verdict)}, seed {options.Seed}");
        return report.Verdict;
    }

    private static Verdict Judge(List<SegmentReport> segments)
    {
        if (segments.Exists(segment => segment.Verdict == Verdict.Violated))
            return Verdict.Violated;
        if (segments.Exists(segment => segment.Verdict == Verdict.Inconclusive))
            return Verdict.Inconclusive;
        return segments.TrueForAll(segment => segment.Verdict == Verdict.NotSupported) ? Verdict.NotSupported : Verdict.Held;
    }

    private static void Print(SegmentReport segment)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{segment.Name} ({segment.Mode}{(segment.Stripes.Length > 0 ? $", stripes per {segment.Stripes}" : "")}), {segment.Seconds:F1} s: {Reports.NameOf(segment.Verdict)}"));
        foreach (LitmusReport litmus in segment.Litmus)
            Console.WriteLine($"  {litmus.Name}: {string.Join(", ", litmus.Outcomes.Select(pair => $"{pair.Key} {pair.Value:N0}"))}; {litmus.Expectation}");
        if (segment.Counters.Count > 0)
            Console.WriteLine("  " + string.Join(", ", segment.Counters.Select(pair => $"{pair.Key} {pair.Value:N0}")));
        if (segment.AgeHistogram.Any(count => count != 0))
            Console.WriteLine("  ages " + string.Join(" ", segment.AgeHistogram));
        if (segment.Faults.Count > 0)
            Console.WriteLine("  faults " + string.Join(", ", segment.Faults.Select(pair => $"{pair.Key} {pair.Value:N0}")));
        foreach ((string fault, string why) in segment.NotSupported)
            Console.WriteLine($"  not supported here: {fault}, {why}");
        foreach (string missing in segment.Missing)
            Console.WriteLine($"  inconclusive: {missing}");
        foreach (string violation in segment.Violations)
            Console.WriteLine($"  VIOLATED (seed {segment.Seed}): {violation}");
        foreach (string line in segment.LastEvents)
            Console.WriteLine($"    {line}");
    }
}
