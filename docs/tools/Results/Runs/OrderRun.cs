using System.Text.Json;

namespace Percpu.Results.Runs;

/// <summary>A run of the mutants of order under the explorer's memory models (<c>--explorer --json</c>).</summary>
internal sealed class OrderRun : IRun
{
    private static readonly string[] Matrix = ["sc", "tso", "arm64"];

    private readonly string _origin;
    private readonly JsonRow[] _rows;

    private OrderRun(string origin, JsonRow[] rows) => (_origin, _rows) = (origin, rows);

    internal static OrderRun Read(JsonElement run) => new(Origin.Of(run), [.. run.GetProperty("orders").EnumerateArray().Select(JsonRow.Read)]);

    public IEnumerable<string> Table(string name) => name switch
    {
        "host" => [_origin],
        "summary" => Summary(),
        "matrix" => Markdown.Table(9, ["mutant", "in place of", "there stands", .. Matrix.Select(model => $"`{model}`"), "without a process-wide fence", "verdict"], _rows.Select(Row)),
        _ => throw new InvalidDataException($"there is no table '{name}'; there are host, summary and matrix."),
    };

    private IEnumerable<string> Summary()
    {
        string[] operators = [.. _rows.Select(row => row.Operator).Distinct().Order(StringComparer.Ordinal)];
        return Markdown.Table(1, ["verdict", .. operators, "all"], _rows.GroupBy(row => row.Verdict).OrderByDescending(verdict => verdict.Count())
            .Select(verdict => (IReadOnlyList<string>)[$"`{verdict.Key}`", .. operators.Select(name => Markdown.Count(verdict.Count(row => row.Operator == name))), Markdown.Count(verdict.Count())]));
    }

    private static IReadOnlyList<string> Row(JsonRow row) =>
    [
        $"`{row.Id[(row.Id.LastIndexOf('/') + 1)..]}`", Markdown.Code(row.Before), Markdown.Code(row.Instead), .. Matrix.Select(model => Cell(row, model, model + "-cpu")),
        Cell(row, "tso-full", "arm64-full", "tso-full-cpu", "arm64-full-cpu"), row.Verdict,
    ];

    private static string Cell(JsonRow row, params string[] models)
    {
        string[] outcomes = [.. models.Where(row.Models.ContainsKey).Select(model => row.Models[model])];
        return outcomes.FirstOrDefault(outcome => outcome.StartsWith("caught", StringComparison.Ordinal)) ?? outcomes.LastOrDefault() ?? "";
    }

    private sealed record JsonRow(string Id, string Operator, string Before, string Instead, string Verdict, Dictionary<string, string> Models)
    {
        internal static JsonRow Read(JsonElement mutant) => new(
            Text(mutant, "id"), Text(mutant, "operator"), Text(mutant, "before"), Text(mutant, "instead"), Text(mutant, "verdict"),
            mutant.GetProperty("models").EnumerateObject().ToDictionary(model => model.Name, model => Outcome(model.Value)));

        private static string Outcome(JsonElement model) => model.GetProperty("scenario").GetString() is { } scenario ? $"caught, {scenario}"
            : model.GetProperty("exhausted").GetBoolean() ? "passes (all)" : "passes";

        private static string Text(JsonElement mutant, string name) => mutant.GetProperty(name).GetString()!;
    }
}
