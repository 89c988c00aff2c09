using System.Globalization;
using System.Text.Json;

namespace Percpu.Results.Runs;

/// <summary>A run of the mutants (<c>--json</c>).</summary>
internal sealed class MutantRun : IRun
{
    private static readonly string[] Verdicts = ["caught", "no end", "survived", "equivalent"];

    private readonly string _origin;
    private readonly List<IReadOnlyList<string>> _layers;
    private readonly List<IReadOnlyList<string>> _left;

    private MutantRun(string origin, List<IReadOnlyList<string>> layers, List<IReadOnlyList<string>> left) => (_origin, _layers, _left) = (origin, layers, left);

    internal static MutantRun Read(JsonElement run)
    {
        JsonElement[] mutants = [.. run.GetProperty("mutants").EnumerateArray()];
        return new(
            Origin.Of(run),
            [.. mutants.GroupBy(mutant => mutant.GetProperty("layer").GetString()!).OrderBy(layer => layer.Key, StringComparer.Ordinal).Select(layer => Row(layer.Key, [.. layer])), Row("all", mutants)],
            [.. mutants.Where(mutant => Verdict(mutant) is "no end" or "survived").Select(Left)]);
    }

    public IEnumerable<string> Table(string name) => name switch
    {
        "host" => [_origin],
        "layers" => Markdown.Table(1, ["layer", "mutants", .. Verdicts, "caught of those not equivalent"], _layers),
        "left" => Markdown.Table(3, ["verdict", "mutant", "instead of"], _left),
        _ => throw new InvalidDataException($"there is no table '{name}'; there are host, layers and left."),
    };

    private static string[] Row(string layer, JsonElement[] mutants)
    {
        int[] counts = [.. Verdicts.Select(verdict => mutants.Count(mutant => Verdict(mutant) == verdict))];
        int others = mutants.Length - counts[^1];
        string share = others == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * counts[0] / others:F1} %");
        return [layer, $"{mutants.Length}", .. counts.Select(count => $"{count}"), share];
    }

    private static string[] Left(JsonElement mutant) =>
        [Verdict(mutant), $"`{mutant.GetProperty("id").GetString()}`", Markdown.Code(mutant.GetProperty("before").GetString()!)];

    private static string Verdict(JsonElement mutant) => mutant.GetProperty("verdict").GetString()!;
}
