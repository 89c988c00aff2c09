using System.Text.Json;
using Percpu.Interleavings.Engines;
using Percpu.Interleavings.Twins;
using Percpu.Running;

namespace Percpu.Interleavings.CommandLine;

/// <summary>The matrix of twins and layers, row by row as they are explored.</summary>
internal static class TwinReport
{
    private const double DefaultSeconds = 8, TortureSeconds = 4;

    internal static int Run(TwinOptions options)
    {
        DateTime started = DateTime.UtcNow;
        var results = new List<TwinResult>();
        ThreadLayers? threads = null;
        int unexpected = 0;
        try
        {
            List<Twin> twins = Choose(options.Names);
            bool ours = options.Engine == EngineCatalog.BuiltIn;
            double seconds = options.Seconds > 0 ? options.Seconds : DefaultSeconds;
            SourceTree source = SourceTree.Find();
            if (options.ThreadSeconds > 0 && ours)
            {
                var shipped = new ShippedCompiler(source);
                threads = new ThreadLayers(shipped, [new TortureLayer(source, shipped, TortureSeconds), new UnitLayer(source, shipped)], TimeSpan.FromSeconds(options.ThreadSeconds));
            }
            var runner = new TwinRunner(new TwinCompiler(source), threads);
            Console.WriteLine(ours
                ? $"{"twin",-30} {"layer",-9} {"sc",-26} {"tso",-26} {"weaker",-26} {"torture",-12} {"unit",-12} verdict"
                : $"{"twin",-30} {"layer",-9} {options.Engine,-40} verdict");
            foreach (Twin twin in twins)
            {
                TwinResult result = runner.Run(twin, seconds, options.Engine, options.Strategy);
                results.Add(result);
                Console.WriteLine(!ours
                    ? $"{twin.Name,-30} {twin.Layer,-9} {Cell(result, options.Engine),-40} {Verdict(result)}"
                    : $"{twin.Name,-30} {twin.Layer,-9} {Cell(result, "sc"),-26} {Cell(result, "tso"),-26} {Cell(result, twin.Layer is "sc" or "tso" ? "-" : twin.Layer),-26} {Thread(result, "torture"),-12} {Thread(result, "unit"),-12} {Verdict(result)}");
                unexpected += result.AsExpected ? 0 : 1;
            }
        }
        catch (Exception exception) when (exception is TwinOutdatedException or DirectoryNotFoundException or ArgumentException)
        {
            Console.Error.WriteLine(exception.Message);
            return exception is TwinOutdatedException ? ExitCode.Violated : exception is ArgumentException ? ExitCode.Inconclusive : ExitCode.NotSupported;
        }
        finally
        {
            threads?.Dispose();
            if (options.Json is not null)
                File.WriteAllText(options.Json, ToJson(results, options.CommandLine, started));
        }
        if (threads is { LeftOut: > 0 and int left })
            Console.WriteLine($"{left} of {results.Count} twins were not run on real threads, for want of time: --thread-seconds.");
        Console.WriteLine(unexpected == 0
            ? $"Every one of {results.Count} twins {(options.Engine == EngineCatalog.BuiltIn ? "was caught by its layer" : "that needs no store buffers was caught, and none other")}."
            : $"{unexpected} of {results.Count} twins did not behave as they must.");
        return unexpected == 0 ? ExitCode.Held : ExitCode.Violated;
    }

    private static List<Twin> Choose(string? names)
    {
        if (names is null)
            return [.. TwinCatalog.All];
        return names.Split(',').Select(name => TwinCatalog.All.FirstOrDefault(twin => twin.Name == name)
            ?? throw new ArgumentException($"No twin '{name}'; there are {string.Join(", ", TwinCatalog.All.Select(twin => twin.Name))}.", nameof(names))).ToList();
    }

    private static string Cell(TwinResult result, string model)
    {
        if (!result.Outcomes.TryGetValue(model, out TwinOutcome? outcome))
            return "-";
        if (outcome.Caught)
            return $"caught {outcome.Scenario}" + (result.Outcomes.Count == 1 ? $" ({outcome.Executions})" : "");
        return outcome.Exhausted ? "passes (all)" : $"passes ({outcome.Executions})";
    }

    private static string Thread(TwinResult result, string layer) =>
        result.OnThreads.TryGetValue(layer, out ThreadOutcome? outcome) ? outcome.Verdict : ThreadOutcome.NotRun;

    private static string Verdict(TwinResult result) =>
        result.AsExpected ? "as expected" : result.Twin.Layer != "sc" && result.Outcomes.Any(pair => pair.Key is "sc" or EngineCatalog.Coyote && pair.Value.Caught) ? "CAUGHT UNDER SC" : "SURVIVED";

    private static string ToJson(List<TwinResult> results, string command, DateTime started) => JsonSerializer.Serialize(
        new
        {
            command,
            started,
            host = Host.Current,
            twins = results.Select(result => new
            {
                name = result.Twin.Name,
                defect = result.Twin.Defect,
                layer = result.Twin.Layer,
                asExpected = result.AsExpected,
                outcomes = result.Outcomes.ToDictionary(pair => pair.Key, pair => new
                {
                    caught = pair.Value.Caught,
                    scenario = pair.Value.Scenario,
                    executions = pair.Value.Executions,
                    exhausted = pair.Value.Exhausted,
                    message = pair.Value.Message,
                    trace = pair.Value.Trace,
                }),
                onThreads = result.OnThreads.ToDictionary(pair => pair.Key, pair => new
                {
                    verdict = pair.Value.Verdict,
                    by = pair.Value.By,
                    message = pair.Value.Message,
                    seconds = Math.Round(pair.Value.Seconds, 1),
                }),
            }),
        },
        Report.JsonOptions) + "\n";
}
