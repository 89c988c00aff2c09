using Percpu.PinThroughput.Measuring;
using Spectre.Console;

namespace Percpu.PinThroughput.Reports;

/// <summary>Chooses how progress is shown: bars on a terminal, else a line per group.</summary>
internal static class MeasuringView
{
    internal static IReadOnlyList<Row> Show(Schedule schedule)
    {
        if (Terminal.IsPlain)
            return schedule.Run(new PlainView());
        // No refresh by timer: nothing but the subjects runs during a round.
        return AnsiConsole.Progress().AutoRefresh(false).AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context => schedule.Run(new LiveView(context)));
    }
}
