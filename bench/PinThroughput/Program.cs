using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Peers;
using Percpu.PinThroughput.Reports;
using Percpu.PinThroughput.Subjects.Memory;

namespace Percpu.PinThroughput;

internal static class Program
{
    private static int Main(string[] arguments) => arguments is [MemoryProbe.Argument, .. var rest]
        ? MemoryProbe.Run(rest)
        : CommandLine.Invoke(arguments, options => Execute(options, arguments));

    private static int Execute(Options options, string[] arguments)
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
        Result result = options.From is { } from ? Read(from, options) : Run(options, host);
        TableReport.Print(options.Workloads, result);
        NotRunReport.Print(result);
        if (options.Json is { } json)
            JsonReport.Write(json, result);
        if (options.Svg is { } svg)
            SvgReport.Write(svg, options.Workloads, result);
        return earlier is null || CompareReport.Print(options.Workloads, earlier, result) ? ExitCode.Success : ExitCode.Worse;
    }

    private static Result Run(Options options, Host host)
    {
        using var peers = new PeerSet(options.Peers ? new NativePeers() : null);
        var schedule = new Schedule(options.Workloads, options.Threads, options.Measuring, options.Operations, peers);
        TableReport.PrintHost(host, schedule);
        IReadOnlyList<Row> rows = MeasuringView.Show(schedule);
        return new Result(host with { ProcessorShare = schedule.Share.Value }, rows, NotRunReport.Of(options.Workloads, peers));
    }

    /// <summary>The rows of an earlier run that belong to the chosen workloads.</summary>
    private static Result Read(FileInfo file, Options options)
    {
        Result all = JsonReport.Read(file);
        return all with { Results = [.. all.Results.Where(row => options.Workloads.Any(workload => workload.Id == row.Workload))] };
    }
}
