using Percpu.PinThroughput.Measuring;
using Spectre.Console;

namespace Percpu.PinThroughput.Reports;

/// <summary>Chooses how progress is shown: bars on a terminal, else a line per group.</summary>
internal static class MeasuringView
{
    private static bool IsPlain => Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Ansi;

    /// <summary>Makes tables wide and without colours where they do not go to a terminal.</summary>
    internal static void Prepare()
    {
        if (!IsPlain)
            return;
        AnsiConsole.Profile.Width = 160;
        AnsiConsole.Profile.Capabilities.Ansi = false;
    }

    internal static IReadOnlyList<Row> Show(Schedule schedule)
    {
        if (IsPlain)
            return schedule.Run(new PlainView());
        // No refresh by timer: nothing but the subjects runs during a round.
        return AnsiConsole.Progress().AutoRefresh(false).AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context => schedule.Run(new LiveView(context)));
    }
}
