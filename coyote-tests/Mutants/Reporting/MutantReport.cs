using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Percpu.Mutants.Running;
using Percpu.Running;

namespace Percpu.Mutants.Reporting;

/// <summary>What a run of mutants came to.</summary>
internal static class MutantReport
{
    private static readonly JsonSerializerOptions Named = new(JsonSerializerDefaults.Web);
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A line for each layer, and one for all.</summary>
    internal static string Table(IReadOnlyList<MutantResult> results)
    {
        var text = new StringBuilder("| layer | mutants | caught | no end | survived | equivalent | caught of those not equivalent |\n|---|---:|---:|---:|---:|---:|---:|\n");
        foreach (IGrouping<string, MutantResult> layer in results.GroupBy(result => result.Mutant.Layer).OrderBy(layer => layer.Key, StringComparer.Ordinal))
            text.Append(Row(layer.Key, [.. layer]));
        return text.Append(Row("all", results)).ToString();
    }

    internal static string Json(IReadOnlyList<MutantResult> results, IEnumerable<string> failing, string command, DateTime started, double seconds)
    {
        var document = new JsonObject
        {
            ["command"] = command,
            ["started"] = started,
            ["seconds"] = Math.Round(seconds, 1),
            ["host"] = JsonSerializer.SerializeToNode(Host.Current, Named),
            ["testsLeftOut"] = new JsonArray([.. failing.Select(name => (JsonNode)name)]),
            ["mutants"] = new JsonArray([.. results.Select(result => new JsonObject
            {
                ["id"] = result.Mutant.Id,
                ["layer"] = result.Mutant.Layer,
                ["operator"] = result.Mutant.Operator,
                ["form"] = result.Mutant.Form.ToString(),
                ["before"] = result.Mutant.Before,
                ["instead"] = result.Mutant.Instead,
                ["line"] = result.Mutant.LineText,
                ["verdict"] = result.Verdict,
                ["by"] = result.By,
                ["message"] = result.Message,
                ["classes"] = result.Classes,
                ["seconds"] = Math.Round(result.Seconds, 2),
            })]),
        };
        return document.ToJsonString(Indented);
    }

    internal static string Tell(MutantResult result) =>
        $"{result.Verdict,-10} {result.Seconds,6:F1} s  {result.Mutant.Id}\n{"",22}{result.Mutant.Before}  →  {result.Mutant.Instead}"
        + (result.By.Length + result.Message.Length > 0 ? $"\n{"",22}{result.By} {result.Message}" : "");

    private static string Row(string name, IReadOnlyList<MutantResult> results)
    {
        int caught = Count(MutantResult.Caught), equivalent = Count(MutantResult.Equivalent), other = results.Count - equivalent;
        string share = other == 0 ? "" : $"{100.0 * caught / other:F1} %";
        return $"| {name} | {results.Count} | {caught} | {Count(MutantResult.NoEnd)} | {Count(MutantResult.Survived)} | {equivalent} | {share} |\n";

        int Count(string verdict) => results.Count(result => result.Verdict == verdict);
    }
}
