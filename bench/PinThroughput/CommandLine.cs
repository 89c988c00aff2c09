using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput;

/// <summary>The options on the command line. A bad value ends the program with one clear line and exit code 1.</summary>
internal static class CommandLine
{
    /// <summary>Marks a process that <c>--processes</c> started.</summary>
    internal const string OneOfMany = "--one-of-many";

    private const int MostThreads = 1024, MostProcesses = 1000, ProcessesBesideOlder = 3;

    internal static int Invoke(string[] arguments, Func<Options, int> run)
    {
        var quick = new Option<bool>("--quick") { Description = "20 s of measuring, half a minute in all; without --workload: pin, epoch and mapped-read." };
        var workload = new Option<Workload[]>("--workload") { Description = "Workloads, separated by commas (see --list). Default: all but those that --list names last: scopes, metrics-off, rent-elsewhere, many-threads.", HelpName = "a,b", CustomParser = ParseWorkloads };
        var threads = new Option<int[]>("--threads") { Description = "Thread counts, separated by commas. Default: 1, 2, 4 ... up to the cores.", HelpName = "1,2", CustomParser = ParseThreads };
        var seconds = new Option<double?>("--seconds") { Description = $"Seconds of measuring in total; warming up comes on top. Default: {Options.FullTime.TotalSeconds:F0} (about two minutes in all), {Options.QuickTime.TotalSeconds:F0} with --quick, {Options.PeersTime.TotalSeconds:F0} with --peers.", HelpName = "S", CustomParser = ParseSeconds };
        var operations = new Option<long>("--operations") { Description = "Adds rounds until every row has done so many operations. Default: 0, as many as the seconds allow.", HelpName = "N" };
        var json = OutputFile("--json", "Writes host and rows as JSON.");
        var svg = OutputFile("--svg", "Writes plots: throughput by threads into FILE, and beside it FILE-latency, FILE-batch, FILE-memory, FILE-alive where there are such rows. A full run writes pin-throughput.svg if not told.");
        var from = new Option<FileInfo>("--from") { Description = "Measures nothing: prints, plots and compares an earlier --json file.", HelpName = "FILE" };
        from.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !File.Exists(token.Value))
                result.AddError($"--from: there is no file '{token.Value}'.");
        });
        var compare = new Option<FileInfo>("--compare") { Description = "Compares ratios with an earlier --json file; exit code 4 if one became worse.", HelpName = "FILE" };
        compare.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !File.Exists(token.Value))
                result.AddError($"--compare: there is no file '{token.Value}'.");
        });
        var peers = new Option<bool>("--peers") { Description = "Adds peers from outside .NET, as far as they are installed." };
        var stripes = new Option<string>("--stripes") { Description = $"Kind of stripes. Default: the variable {Stripes.Variable} decides, or the library (auto)." };
        stripes.AcceptOnlyFromAmong(Stripes.Thread, Stripes.Cpu, Stripes.Auto);
        var processes = new Option<int?>("--processes") { Description = "Repeats the run in so many processes: medians over processes, and their range. The seconds are divided among them. Default: this process alone.", HelpName = "N" };
        processes.Validators.Add(result =>
        {
            if (!int.TryParse(result.Tokens is [var token] ? token.Value : "", NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count is < 1 or > MostProcesses)
                result.AddError($"--processes: '{string.Join(' ', result.Tokens)}' is not a number from 1 to {MostProcesses}.");
        });
        var against = new Option<string>("--against") { Description = $"The folder of an older build: its library is measured by the same loops in processes that alternate with ours ({ProcessesBesideOlder} unless --processes says more); subjects end in -older.", HelpName = "DIR" };
        against.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Path.Exists(token.Value))
                result.AddError($"--against: there is no '{token.Value}'.");
        });
        var oneOfMany = new Option<bool>(OneOfMany) { Hidden = true };
        var list = new Option<bool>("--list") { Description = "Lists workloads and subjects." };

        var root = new RootCommand("""
            Measures how many pins per second this machine does with PercpuRef, beside what .NET offers today.
            Exit codes: 0 done, 1 bad option or file, 2 a check failed, 3 not supported here, 4 a compared ratio became worse.
            """)
            { quick, workload, threads, seconds, operations, json, svg, from, compare, peers, stripes, processes, against, oneOfMany, list };
        root.SetAction(result =>
        {
            bool isQuick = result.GetValue(quick);
            Workload[]? chosen = result.GetValue(workload) is { Length: > 0 } named ? named : null;
            double? time = result.GetValue(seconds);
            return run(new Options
            {
                Workloads = chosen ?? (isQuick ? Catalogue.Quick : Catalogue.All),
                Threads = result.GetValue(threads) is { Length: > 0 } counts ? counts : DefaultThreads(Environment.ProcessorCount),
                Measuring = time is { } given ? TimeSpan.FromSeconds(given) : isQuick ? Options.QuickTime : result.GetValue(peers) ? Options.PeersTime : Options.FullTime,
                Operations = result.GetValue(operations),
                Json = result.GetValue(json),
                Svg = result.GetValue(svg) ?? (isQuick || chosen is not null || time is not null || result.GetValue(from) is not null ? null : new FileInfo("pin-throughput.svg")),
                Compare = result.GetValue(compare),
                From = result.GetValue(from),
                Peers = result.GetValue(peers),
                Processes = result.GetValue(processes) ?? (result.GetValue(against) is null ? null : ProcessesBesideOlder),
                Against = result.GetValue(against),
                IsOneOfMany = result.GetValue(oneOfMany),
                List = result.GetValue(list),
                StripeKind = result.GetValue(stripes),
            });
        });
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Action is ParseErrorAction error)
            error.ShowHelp = false;
        return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private static Option<FileInfo> OutputFile(string name, string description)
    {
        var option = new Option<FileInfo>(name) { Description = description, HelpName = "FILE" };
        option.Validators.Add(result =>
        {
            string path = result.Tokens is [var token] ? token.Value : "";
            if (path.Length == 0)
                result.AddError($"{name}: a file name is needed.");
            else if (Directory.Exists(path))
                result.AddError($"{name}: '{path}' is a folder.");
            else if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
                result.AddError($"{name}: there is no folder '{folder}'.");
        });
        return option;
    }

    private static Workload[]? ParseWorkloads(ArgumentResult result)
    {
        List<Workload> chosen = [];
        foreach (string id in Items(result))
        {
            if (Catalogue.Find(id) is not { } workload)
                result.AddError($"--workload: there is no '{id}'; there are {string.Join(", ", Catalogue.All.Concat(Catalogue.Named).Select(each => each.Id))}.");
            else if (!chosen.Contains(workload))
                chosen.Add(workload);
        }
        return [.. chosen];
    }

    private static int[]? ParseThreads(ArgumentResult result)
    {
        SortedSet<int> counts = [];
        foreach (string item in Items(result))
        {
            if (int.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= MostThreads)
                counts.Add(count);
            else
                result.AddError($"--threads: '{item}' is not a number from 1 to {MostThreads}.");
        }
        return [.. counts];
    }

    private static double? ParseSeconds(ArgumentResult result)
    {
        string text = result.Tokens is [var token] ? token.Value : "";
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds is >= 0.1 and <= 86_400)
            return seconds;
        result.AddError($"--seconds: '{text}' is not a number from 0.1 to 86400.");
        return null;
    }

    private static IEnumerable<string> Items(ArgumentResult result) =>
        result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries));

    private static int[] DefaultThreads(int cores)
    {
        List<int> counts = [];
        for (int count = 1; count < cores; count *= 2)
            counts.Add(count);
        counts.Add(cores);
        return [.. counts];
    }
}
