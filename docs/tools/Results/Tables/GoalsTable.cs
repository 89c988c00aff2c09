using System.Globalization;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Reports;

namespace Percpu.Results.Tables;

/// <summary>What was asked of the fast path, and whether it is so.</summary>
internal static class GoalsTable
{
    private const double DearestAbovePeer = 1.5, TimesPeer = 1.2, TimesFloor = 2, Scaling = 1.8;
    private static readonly string[] Others =
        ["crossbeam-epoch", "ck-epoch", "light-epoch", "interlocked", "striped-interlocked", "safe-handle", "rwlock-slim", "lock", "bitfaster-counter", "nonblocking-counter64"];

    internal static IEnumerable<string> Lines(IReadOnlyList<Row> rows)
    {
        double pin = Time("pin", "percpu-ref"), memb = Time("pin", "urcu-memb"), floor = Time("pin", "c-floor-two-checks");
        double epoch = Time("epoch", "percpu-epoch"), epochMemb = Time("epoch", "urcu-memb");
        Row nearest = rows.Where(row => row.Workload == "pin" && row.Threads == 1 && Others.Contains(row.Subject)).MinBy(row => row.NanosecondsPerOperation)
            ?? throw new InvalidDataException("the run has no pin of others.");
        return Markdown.Table(3, ["goal", "measured, 1 thread", "reached"], (IReadOnlyList<string>[])
            [
                Line($"pin + unpin at most {DearestAbovePeer:F1} ns above liburcu memb", $"{N(pin)} ns against {N(memb)} ns: {pin - memb:+0.00;-0.00} ns", pin - memb <= DearestAbovePeer),
                Line("pin less than crossbeam, ck_epoch, LightEpoch and everything in .NET", $"the nearest is {SubjectNames.Of("pin", nearest.Subject)}: {N(nearest.NanosecondsPerOperation)} ns", pin < nearest.NanosecondsPerOperation),
                Line($"epoch enter + exit at most {TimesPeer:F1} times liburcu memb", $"{N(epoch)} ns against {N(epochMemb)} ns: {N(epoch / epochMemb)} times", epoch / epochMemb <= TimesPeer),
                Line($"pin at most {TimesFloor:F0} times the C floor (try for {TimesPeer:F1})", $"{N(pin)} ns against {N(floor)} ns: {N(pin / floor)} times", pin / floor <= TimesFloor),
                Line($"pin with 2 threads at least {Scaling:F1} times 1 thread", $"{N(Scale("pin", "percpu-ref"))} times", Scale("pin", "percpu-ref") >= Scaling),
                Line($"epoch with 2 threads at least {Scaling:F1} times 1 thread", $"{N(Scale("epoch", "percpu-epoch"))} times", Scale("epoch", "percpu-epoch") >= Scaling),
            ]);

        double Time(string workload, string subject) => Find(workload, subject, 1).NanosecondsPerOperation;
        double Scale(string workload, string subject) => Find(workload, subject, 2).OperationsPerSecond / Find(workload, subject, 1).OperationsPerSecond;
        Row Find(string workload, string subject, int threads) =>
            rows.FirstOrDefault(row => row.Workload == workload && row.Subject == subject && row.Threads == threads && row.Parameters.Count == 0)
                ?? throw new InvalidDataException($"the run has no {workload} of {subject} with {Markdown.Threads(threads)}, which goals need.");
    }

    private static IReadOnlyList<string> Line(FormattableString goal, FormattableString measured, bool reached) =>
        [goal.ToString(CultureInfo.InvariantCulture), measured.ToString(CultureInfo.InvariantCulture), reached ? "yes" : "no"];

    private static IReadOnlyList<string> Line(string goal, FormattableString measured, bool reached) => [goal, measured.ToString(CultureInfo.InvariantCulture), reached ? "yes" : "no"];

    private static string N(double value) => Markdown.Number(value);
}
