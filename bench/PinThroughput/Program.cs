using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Peers;
using Percpu.PinThroughput.Processes;
using Percpu.PinThroughput.Reports;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput;

internal static class Program
{
    private static int Main(string[] arguments) => arguments switch
    {
        [MemoryProbe.Argument, .. var rest] => MemoryProbe.Run(rest),
        [ManyThreadsProbe.Argument, .. var rest] => ManyThreadsProbe.Run(rest),
        _ => CommandLine.Invoke(arguments, options => Execute(options, arguments)),
    };

    private static int Execute(Options options, string[] arguments)
    {
        if (options.List)
        {
            ListReport.Print();
            return ExitCode.Success;
        }
        if (options.StripeKind is { } kind)
            Stripes.Choose(kind);
        if (options.StripeKind == Stripes.Cpu && Stripes.WhyNotPerCpu is { } reason)
        {
            Console.Error.WriteLine($"--stripes cpu: {reason}");
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
        if (options.From is not null)
            TableReport.PrintHost(result.Host);
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
        if (options.Processes is { } count)
        {
            using OlderBuild? older = options.Against is { } path ? OlderBuild.Prepare(path) : null;
            TableReport.PrintHost(host);
            return new ManyProcesses(options, count, older).Run(host);
        }
        using var peers = new PeerSet(options.Peers ? new NativePeers() : null);
        var schedule = new Schedule(options.Workloads, options.Threads, options.Measuring, options.Operations, peers, options.IsOneOfMany);
        TableReport.PrintHost(host);
        TableReport.PrintSchedule(schedule);
        IReadOnlyList<Row> rows = MeasuringView.Show(schedule);
        return new Result(host with { ProcessorShare = schedule.Share.Value }, rows, [.. NotRunReport.Of(options.Workloads, peers), .. schedule.NotRun]);
    }

    /// <summary>The rows of an earlier run that belong to the chosen workloads.</summary>
    private static Result Read(FileInfo file, Options options)
    {
        Result all = JsonReport.Read(file);
        return all with { Results = [.. all.Results.Where(row => options.Workloads.Any(workload => workload.Id == row.Workload))] };
    }
}
