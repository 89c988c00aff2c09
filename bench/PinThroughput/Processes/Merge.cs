using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Reports;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Processes;

/// <summary>Makes one result of those of several processes: a round of it is the median of one process.</summary>
internal static class Merge
{
    /// <summary>Stands behind the id of a subject that ran with the older library.</summary>
    internal const string OlderSuffix = "-older";

    internal static Result Of(Host host, IReadOnlyList<Workload> workloads, IReadOnlyList<Result> ours, IReadOnlyList<Result> older)
    {
        List<Row> rows = [];
        foreach ((string group, string subject, int threads) in ours.SelectMany(result => result.Results).Select(KeyOf).Distinct())
        {
            Row?[] mine = RowsOf(ours, (group, subject, threads)), theirs = RowsOf(older, (group, subject, threads));
            rows.Add(Of(mine) with { TimesOlder = Ratio(mine, theirs) });
            bool own = workloads.First(workload => workload.Id == rows[^1].Workload).OwnIds.Contains(subject);
            if (own && theirs.Any(row => row is not null))
                rows.Add(Of(theirs) with { Subject = subject + OlderSuffix });
        }
        return new Result(
            host with { ProcessorShare = Statistics.Median([.. ours.Concat(older).Select(result => result.Host.ProcessorShare)]) },
            rows,
            [.. ours.Concat(older).SelectMany(result => result.NotRun ?? []).Distinct()]);
    }

    private static (string Group, string Subject, int Threads) KeyOf(Row row) => (row.Group, row.Subject, row.Threads);

    /// <summary>One for each process, null where it has none.</summary>
    private static Row?[] RowsOf(IReadOnlyList<Result> results, (string Group, string Subject, int Threads) key) =>
        [.. results.Select(result => result.Results.FirstOrDefault(row => KeyOf(row) == key))];

    private static Row Of(Row?[] processes)
    {
        Row[] all = [.. processes.OfType<Row>()];
        double limit = Control.LimitOf([.. all.Select(row => row.Control ?? 0)]);
        Row[] quiet = [.. all.Where(row => row.IsReliable && (row.Control ?? 0) <= limit)];
        bool isReliable = quiet.Length * 2 >= all.Length;
        Row[] counted = isReliable ? quiet : all;
        double[] times = [.. counted.Select(row => row.NanosecondsPerOperation)];
        Row middle = counted.OrderBy(row => row.NanosecondsPerOperation).ElementAt(counted.Length / 2);
        return middle with
        {
            NanosecondsPerOperation = Row.Digits(Statistics.Median(times)),
            OperationsPerSecond = Math.Round(Statistics.Median([.. counted.Select(row => row.OperationsPerSecond)])),
            Rounds = times,
            Operations = middle.Operations is null ? null : counted.Sum(row => row.Operations ?? 0),
            BytesPerReference = MedianOf(row => row.BytesPerReference),
            BytesPerThread = MedianOf(row => row.BytesPerThread),
            Mappings = MedianOf(row => row.Mappings),
            Control = MedianOf(row => row.Control),
            LeftOut = all.Length - counted.Length,
            IsReliable = isReliable,
            Processes = counted.Length,
        };

        double? MedianOf(Func<Row, double?> figure) =>
            counted.Select(figure).OfType<double>().ToArray() is { Length: > 0 } known ? Row.Digits(Statistics.Median(known)) : null;
    }

    /// <summary>The median of the ratios of processes that ran one after the other; null without any such pair.</summary>
    private static double? Ratio(Row?[] ours, Row?[] older)
    {
        List<double> ratios = [];
        for (int i = 0; i < Math.Min(ours.Length, older.Length); i++)
        {
            if (ours[i] is { IsReliable: true } mine && older[i] is { IsReliable: true, NanosecondsPerOperation: > 0 } theirs)
                ratios.Add(mine.NanosecondsPerOperation / theirs.NanosecondsPerOperation);
        }
        return ratios.Count == 0 ? null : Row.Digits(Statistics.Median(ratios));
    }
}
