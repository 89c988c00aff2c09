using System.Globalization;
using System.Text.Json;

namespace Percpu.Results.Runs;

/// <summary>A run of the interleaving scenarios (<c>--json</c>).</summary>
internal sealed class ScenarioRun : IRun
{
    private readonly string _origin;
    private readonly List<Row> _rows;

    private ScenarioRun(string origin, List<Row> rows) => (_origin, _rows) = (origin, rows);

    internal static ScenarioRun Read(JsonElement run) => new(Origin.Of(run), [.. run.GetProperty("results").EnumerateArray().Select(row => new Row(
        row.GetProperty("scenario").GetString()!, row.GetProperty("model").GetString()!, row.GetProperty("executions").GetInt64(),
        row.GetProperty("exhausted").GetBoolean(), row.GetProperty("seconds").GetDouble(), row.GetProperty("verdict").GetString()!))]);

    public IEnumerable<string> Table(string name) => name switch
    {
        "host" => [_origin],
        "summary" => Summary(),
        "scenarios" => Scenarios(),
        _ => throw new InvalidDataException($"there is no table '{name}'; there are host, summary and scenarios."),
    };

    private IEnumerable<string> Summary() => Markdown.Table(
        1,
        ["model", "scenarios", "held", "to the end", "executions", "seconds"],
        _rows.GroupBy(row => row.Model).Select(model => (IReadOnlyList<string>)
            [
                $"`{model.Key}`", Markdown.Count(model.Count()), Markdown.Count(model.Count(row => row.Verdict == "held")), Markdown.Count(model.Count(row => row.Exhausted)),
                Markdown.Count(model.Sum(row => row.Executions)), model.Sum(row => row.Seconds).ToString("F0", CultureInfo.InvariantCulture),
            ]));

    private IEnumerable<string> Scenarios()
    {
        string[] models = [.. _rows.Select(row => row.Model).Distinct()];
        return Markdown.Table(
            1,
            ["scenario", .. models.Select(model => $"`{model}`: executions"), "verdict"],
            _rows.GroupBy(row => row.Scenario).Select(scenario => (IReadOnlyList<string>)
                [
                    scenario.Key,
                    .. models.Select(model => scenario.FirstOrDefault(row => row.Model == model) is { } row
                        ? Markdown.Count(row.Executions) + (row.Exhausted ? "" : " (in part)")
                        : ""),
                    string.Join(", ", scenario.Select(row => row.Verdict).Distinct()),
                ]));
    }

    private sealed record Row(string Scenario, string Model, long Executions, bool Exhausted, double Seconds, string Verdict);
}
