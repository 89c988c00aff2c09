using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Reports;

/// <summary>
/// The gate: compares each row's ratio to another subject of its workload with an earlier run's. Never absolute times, which say
/// more about the machine than about the code.
/// </summary>
internal static class CompareReport
{
    /// <summary>How far a ratio may move to the worse: a third. Shared machines move them by a fifth.</summary>
    internal const double Tolerance = 1.33;

    /// <summary>Prints what moved; false if a ratio became worse beyond the tolerance, or nothing could be compared.</summary>
    internal static bool Print(IReadOnlyList<Workload> workloads, Result earlier, Result now)
    {
        int compared = 0, worse = 0;
        var rivals = new Dictionary<(string Group, int Threads), List<double>>();
        Console.WriteLine();
        Console.WriteLine($"Compared with {earlier.Host.Commit?[..10] ?? "an unknown commit"} of {earlier.Host.Date} on {earlier.Host.Cpu}; a ratio may become worse by a factor of {Tolerance}.");
        foreach (Row row in now.Results)
        {
            Workload workload = workloads.First(each => each.Id == row.Workload);
            if (!workload.IsCompared)
                continue;
            Row? before = earlier.Results.FirstOrDefault(other =>
                other.Group == row.Group && other.Subject == row.Subject && other.Threads == row.Threads);
            bool own = workload.OwnIds.Contains(row.Subject);
            string to = own ? workload.Floor : workload.Yardstick;
            if (row.Subject == to || before is null)
                continue;
            if (Ratios.To(to, now.Results, row) is not { } ratio || Ratios.To(to, earlier.Results, before) is not { } ratioBefore)
                continue;
            compared++;
            // Our own subjects shall not become slower than the floor, nor the others faster than we: both mean that we lost.
            double loss = own ? ratio / ratioBefore : ratioBefore / ratio;
            if (own)
                worse += loss > Tolerance ? 1 : 0;
            else if (rivals.TryGetValue((row.Group, row.Threads), out List<double>? losses))
                losses.Add(loss);
            else
                rivals.Add((row.Group, row.Threads), [loss]);
            if (loss is > Tolerance or < 1 / Tolerance)
            {
                Console.WriteLine($"{row.Group} {row.Subject}, {row.Threads} threads: time / {to} was "
                    + $"{TableReport.Number(ratioBefore)}, is {TableReport.Number(ratio)}: {(loss > 1 ? "worse" : "better")}");
            }
        }
        // If we became slower, every other subject says so. One alone became faster itself: contention comes and goes.
        worse += rivals.Values.Count(losses => losses.TrueForAll(loss => loss > Tolerance));
        Console.WriteLine($"{compared} ratios compared: we lost {worse} times, to a floor or to all other subjects of a row at once.");
        if (Math.Min(earlier.Host.ProcessorShare, now.Host.ProcessorShare) < ProcessorShare.Reliable)
            Console.WriteLine("One of the two runs was disturbed by other programs: repeat it before you believe a loss.");
        return compared > 0 && worse == 0;
    }
}
