using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Percpu.Mutants.Reporting;
using Percpu.Running;

namespace Percpu.Mutants.Exploring;

/// <summary>What the explorer's memory models said of mutants.</summary>
internal static class ExplorerReport
{
    internal const string Equivalent = "equivalent", Passes = "passes", NotReached = "not reached";

    private static readonly JsonSerializerOptions Named = new(JsonSerializerDefaults.Web);
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The strongest model that showed it, or one of the constants.</summary>
    internal static string Verdict(ExplorerResult result, Equivalents equivalents) => result.CaughtUnder
        ?? (equivalents.Contains(result.Mutant) ? Equivalent : result.Scenarios > 0 ? Passes : NotReached);

    /// <summary>A line for each verdict and operator.</summary>
    internal static string Table(IReadOnlyList<ExplorerResult> results, Equivalents equivalents)
    {
        string[] operators = [.. results.Select(result => result.Mutant.Operator).Distinct().Order(StringComparer.Ordinal)];
        var text = new StringBuilder($"| shown first by | {string.Join(" | ", operators)} | all |\n|---|{string.Concat(operators.Select(_ => "---:|"))}---:|\n");
        foreach (IGrouping<string, ExplorerResult> verdict in results.GroupBy(result => Verdict(result, equivalents)).OrderByDescending(verdict => verdict.Count()))
            text.Append($"| {verdict.Key} | {string.Join(" | ", operators.Select(name => verdict.Count(result => result.Mutant.Operator == name)))} | {verdict.Count()} |\n");
        return text.ToString();
    }

    internal static string Json(IReadOnlyList<ExplorerResult> results, Equivalents equivalents, string command, DateTime started, double seconds)
    {
        var document = new JsonObject
        {
            ["command"] = command,
            ["started"] = started,
            ["seconds"] = Math.Round(seconds, 1),
            ["host"] = JsonSerializer.SerializeToNode(Host.Current, Named),
            ["orders"] = new JsonArray([.. results.Select(result => new JsonObject
            {
                ["id"] = result.Mutant.Id,
                ["layer"] = result.Mutant.Layer,
                ["operator"] = result.Mutant.Operator,
                ["before"] = result.Mutant.Before,
                ["instead"] = result.Mutant.Instead,
                ["line"] = result.Mutant.LineText,
                ["verdict"] = Verdict(result, equivalents),
                ["scenarios"] = result.Scenarios,
                ["models"] = new JsonObject(result.Models.Select(model => KeyValuePair.Create(model.Key, (JsonNode?)JsonSerializer.SerializeToNode(model.Value, Named)))),
            })]),
        };
        return document.ToJsonString(Indented) + "\n";
    }

    internal static string Tell(ExplorerResult result) =>
        $"{result.CaughtUnder ?? (result.Scenarios > 0 ? Passes : NotReached),-12} {result.Mutant.Id}\n{"",13}{result.Mutant.Before}  →  {result.Mutant.Instead}\n{"",13}"
        + string.Join(", ", result.Models.Select(model => $"{model.Key}: {model.Value.Scenario ?? (model.Value.Exhausted ? "passes (all)" : "passes")}"));
}
