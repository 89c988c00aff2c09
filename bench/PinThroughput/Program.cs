using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Reports;

namespace Percpu.PinThroughput;

internal static class Program
{
    private static int Main(string[] arguments) => CommandLine.Invoke(arguments, options => Run(options, arguments));

    private static int Run(Options options, string[] arguments)
    {
        if (options.List)
        {
            ListReport.Print();
            return ExitCode.Success;
        }
        if (options.Stripes == "cpu")
        {
            Console.Error.WriteLine("--stripes cpu: not supported yet; there are stripes per thread only.");
            return ExitCode.NotSupported;
        }
        try
        {
            return Measure(options, Host.Describe(arguments));
        }
        catch (CheckFailedException failure)
        {
            Console.Error.WriteLine($"Check failed: {failure.Message}");
            return ExitCode.CheckFailed;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Console.Error.WriteLine(failure.Message);
            return ExitCode.BadOption;
        }
    }

    private static int Measure(Options options, Host host)
    {
        Result? earlier = options.Compare is { } file ? JsonReport.Read(file) : null;
        var schedule = new Schedule(options.Workloads, options.Threads, options.Measuring, options.Operations);
        TableReport.PrintHost(host, schedule);
        IReadOnlyList<Row> rows = MeasuringView.Show(schedule);
        var result = new Result(host with { ProcessorShare = schedule.Share.Value }, rows);
        TableReport.Print(options.Workloads, result);
        NotRunReport.Print(options.Workloads);
        if (options.Peers)
            PeerReport.Print(options.Workloads);
        if (options.Json is { } json)
            JsonReport.Write(json, result);
        if (options.Svg is { } svg)
            SvgReport.Write(svg, options.Workloads, result);
        return earlier is null || CompareReport.Print(options.Workloads, earlier, result) ? ExitCode.Success : ExitCode.Worse;
    }
}
