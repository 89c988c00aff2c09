using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Percpu.Interleavings.Running;
using Percpu.Running;
using Spectre.Console;

namespace Percpu.Interleavings.CommandLine;

/// <summary>Results for people and for programs.</summary>
internal static class Report
{
    internal static readonly JsonSerializerOptions JsonOptions = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // A trace has '>' in it, and is for copying.
    };

    internal static void List()
    {
        Table table = new Table().AddColumns("scenario", "covers", "story");
        foreach (Scenario scenario in ScenarioCatalog.All)
            table.AddRow(scenario.Name, scenario.Covers, Markup.Escape(scenario.Description));
        AnsiConsole.Write(table);
    }

    /// <summary>Runs and shows one row after the other.</summary>
    internal static List<RunResult> Live(IReadOnlyList<string> scenarios, IReadOnlyList<string> models, RunOptions options)
    {
        var results = new List<RunResult>();
        Console.WriteLine(Row("scenario", "model", "strategy", "executions", "steps", "explored", "seconds", "verdict"));
        foreach (string scenario in scenarios)
        {
            foreach (string model in models)
            {
                RunResult result = ScenarioRunner.Run(scenario, model, options);
                results.Add(result);
                Console.WriteLine(Row(
                    result.Scenario, result.Model, result.Strategy, Number(result.Executions), Number(result.Steps),
                    result.Exhausted ? "all" : "in part", result.Seconds.ToString("F1", CultureInfo.InvariantCulture), result.Verdict));
                if (result.Verdict == "violated")
                    Tell(result);
            }
        }
        return results;
    }

    /// <summary>The steps of one execution, and how to see it again.</summary>
    internal static void Tell(RunResult result)
    {
        foreach (string line in result.Story)
            Console.WriteLine(line);
        if (result.Message.Length > 0)
            Console.WriteLine($"{result.Scenario} under {result.Model} is violated: {result.Message}");
        Console.WriteLine(result.Command);
    }

    /// <param name="started">UTC.</param>
    internal static void WriteJson(IReadOnlyList<RunResult> results, string command, DateTime started, string path) =>
        File.WriteAllText(path, JsonSerializer.Serialize(new { command, started, host = Host.Current, results }, JsonOptions) + "\n");

    private static string Row(params string[] cells) =>
        $"{cells[0],-24} {cells[1],-8} {cells[2],-9} {cells[3],12} {cells[4],14}  {cells[5],-8} {cells[6],7}  {cells[7]}";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
