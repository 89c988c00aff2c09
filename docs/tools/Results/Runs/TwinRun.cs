using System.Text.Json;

namespace Percpu.Results.Runs;

/// <summary>A run of the twins, the wrong variants (<c>--twins --json</c>).</summary>
internal sealed class TwinRun : IRun
{
    private static readonly string[] ThreadLayers = ["torture", "unit"];

    private readonly string _origin;
    private readonly List<Row> _rows;
    private readonly TwinRun? _underCoyote;

    private TwinRun(string origin, List<Row> rows, TwinRun? underCoyote) => (_origin, _rows, _underCoyote) = (origin, rows, underCoyote);

    /// <param name="run">The run.</param>
    /// <param name="underCoyote">One of the same twins by <c>--engine coyote</c>, for a column of its own; null if there is none.</param>
    internal static TwinRun Read(JsonElement run, TwinRun? underCoyote = null) =>
        new(Origin.Of(run), [.. run.GetProperty("twins").EnumerateArray().Select(Row.Read)], underCoyote);

    public IEnumerable<string> Table(string name) => name switch
    {
        "host" => [_origin],
        "summary" => Summary(),
        "matrix" => Matrix(),
        _ => throw new InvalidDataException($"there is no table '{name}'; there are host, summary and matrix."),
    };

    private IEnumerable<string> Summary() => Markdown.Table(
        1,
        ["layer", "wrong variants that it must catch", "caught"],
        _rows.GroupBy(row => row.Layer).OrderByDescending(layer => layer.Count()).Select(layer => (IReadOnlyList<string>)
            [$"`{layer.Key}`", Markdown.Count(layer.Count()), Markdown.Count(layer.Count(row => row.AsExpected))])
            .Concat(ThreadLayers.Where(layer => _rows.Exists(row => row.OnThreads.GetValueOrDefault(layer, "not run") != "not run")).Select(layer => (IReadOnlyList<string>)
                [$"real threads: {layer}", $"{Markdown.Count(_rows.Count(row => row.OnThreads.GetValueOrDefault(layer, "not run") != "not run"))} run; chance decides", Markdown.Count(_rows.Count(row => row.OnThreads.GetValueOrDefault(layer) == "caught"))])));

    private IEnumerable<string> Matrix() => Markdown.Table(
        8,
        ["twin", "what is wrong with it", "its layer", "`sc`", "`tso`", "its own, if another", "Coyote", .. ThreadLayers],
        _rows.Select(row => (IReadOnlyList<string>)
            [
                row.Name, row.Defect, row.Layer, row.Outcomes.GetValueOrDefault("sc", ""), row.Outcomes.GetValueOrDefault("tso", ""),
                row.Layer is "sc" or "tso" ? "" : row.Outcomes.GetValueOrDefault(row.Layer, ""), UnderCoyote(row.Name), .. ThreadLayers.Select(layer => row.OnThreads.GetValueOrDefault(layer, "not run")),
            ]));

    private string UnderCoyote(string twin) => (_underCoyote ?? this)._rows.Find(row => row.Name == twin)?.Outcomes.GetValueOrDefault("coyote") ?? "not run";

    private sealed record Row(string Name, string Defect, string Layer, bool AsExpected, Dictionary<string, string> Outcomes, Dictionary<string, string> OnThreads)
    {
        internal static Row Read(JsonElement twin) => new(
            twin.GetProperty("name").GetString()!, twin.GetProperty("defect").GetString()!, twin.GetProperty("layer").GetString()!, twin.GetProperty("asExpected").GetBoolean(),
            twin.GetProperty("outcomes").EnumerateObject().ToDictionary(model => model.Name, model => Outcome(model.Value)),
            twin.GetProperty("onThreads").EnumerateObject().ToDictionary(layer => layer.Name, layer => layer.Value.GetProperty("verdict").GetString()!));

        private static string Outcome(JsonElement outcome) => outcome.GetProperty("caught").GetBoolean() ? $"caught, {outcome.GetProperty("scenario").GetString()}"
            : outcome.GetProperty("exhausted").GetBoolean() ? "passes (all)" : "passes";
    }
}
