using System.Diagnostics;
using Percpu.Pagemap;
using Spectre.Console;

namespace Percpu.Examples.Namespaces;

/// <summary>Checks namespaces, with progress where it takes long and somebody looks.</summary>
internal static class Checking
{
    private const int MaxShown = 100;

    internal static int Check(Image image, string? name, bool json, Terminal terminal)
    {
        using (image)
        {
            IReadOnlyList<PmemNamespace> spaces = name is null ? image.Namespaces : [image.Find(name)];
            var reports = spaces.Select(space => (Space: space, Report: Run(space))).ToList();
            IReadOnlyList<MediumFault> labels = image.Labels?.Faults ?? [];
            bool isSound = labels.Count == 0 && reports.TrueForAll(each => each.Report.IsSound);
            if (json)
                Showing.Print(new { sound = isSound, labelFaults = labels.Select(Describe), namespaces = reports.Select(each => Describe(each.Space, each.Report)) }, terminal);
            else
                Tell(reports, labels, terminal);
            return isSound ? ExitCode.Done : ExitCode.Damaged;
        }
    }

    private static MediumReport Run(PmemNamespace space)
    {
        if (Console.IsErrorRedirected || !Environment.UserInteractive)
            return space.Check();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress().AutoClear(true).Start(context =>
        {
            ProgressTask task = context.AddTask(Markup.Escape($"Checking {Showing.NameOf(space)}"), maxValue: 1);
            var progress = new Throttled(share => task.Value = share);
            return space.Check(progress);
        });
    }

    private static void Tell(List<(PmemNamespace Space, MediumReport Report)> reports, IReadOnlyList<MediumFault> labels, Terminal terminal)
    {
        foreach (MediumFault fault in labels)
            terminal.Text.WriteLine($"{fault.Kind}: {fault.Message}");
        foreach ((PmemNamespace space, MediumReport report) in reports)
        {
            terminal.Text.WriteLine(
                $"{Showing.NameOf(space)}: {(report.IsSound ? "sound" : $"{report.FaultCount} fault(s)")}; {report.Sectors} sectors, {report.UnwrittenSectors} never written, "
                + $"{report.ZeroedSectors} zeroed, {report.SectorsInError} in error, {report.InterruptedWrites} interrupted write(s)");
            foreach (MediumFault fault in report.Faults.Take(MaxShown))
                terminal.Text.WriteLine($"  {fault.Kind}: {fault.Message}");
            if (report.FaultCount > MaxShown)
                terminal.Text.WriteLine($"  and {report.FaultCount - MaxShown} more; --json has the first {MediumReport.MaxFaults}");
        }
    }

    private static object Describe(PmemNamespace space, MediumReport report) => new
    {
        name = space.Name,
        uuid = space.Uuid != Guid.Empty ? space.Uuid : space.Inspect().Uuid, // As list and show have it.
        sound = report.IsSound,
        faultCount = report.FaultCount,
        faults = report.Faults.Select(Describe),
        sectors = report.Sectors,
        unwrittenSectors = report.UnwrittenSectors,
        zeroedSectors = report.ZeroedSectors,
        sectorsInError = report.SectorsInError,
        interruptedWrites = report.InterruptedWrites,
    };

    private static object Describe(MediumFault fault) => new { kind = fault.Kind.ToString(), offset = fault.Offset, message = fault.Message };

    // At most ten times a second: a display costs more than a part of the check.
    private sealed class Throttled(Action<double> show) : IProgress<double>
    {
        private long _last;

        public void Report(double value)
        {
            if (value < 1 && Stopwatch.GetElapsedTime(_last).TotalMilliseconds < 100)
                return;
            _last = Stopwatch.GetTimestamp();
            show(value);
        }
    }
}
