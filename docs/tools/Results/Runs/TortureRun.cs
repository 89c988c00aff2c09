using System.Globalization;
using System.Text.Json;

namespace Percpu.Results.Runs;

/// <summary>A run of the torture (<c>--json</c>).</summary>
internal sealed class TortureRun : IRun
{
    private readonly string _origin;
    private readonly string _verdict;
    private readonly List<IReadOnlyList<string>> _segments;
    private readonly List<IReadOnlyList<string>> _litmus;

    private TortureRun(string origin, string verdict, List<IReadOnlyList<string>> segments, List<IReadOnlyList<string>> litmus) =>
        (_origin, _verdict, _segments, _litmus) = (origin, verdict, segments, litmus);

    internal static TortureRun Read(JsonElement run) => new(
        Origin.Of(run),
        $"Verdict: {run.GetProperty("verdict").GetString()}, seed {run.GetProperty("seed").GetUInt64()}, {run.GetProperty("seconds").GetDouble():F0} s; "
            + $"{Markdown.Count(run.GetProperty("gets").GetInt64())} gets, {Markdown.Count(run.GetProperty("kills").GetInt64())} kills.",
        [.. run.GetProperty("segments").EnumerateArray().Where(segment => segment.GetProperty("litmus").GetArrayLength() == 0).Select(Segment)],
        [.. run.GetProperty("segments").EnumerateArray().SelectMany(segment => segment.GetProperty("litmus").EnumerateArray()).Select(Litmus)]);

    public IEnumerable<string> Table(string name) => name switch
    {
        "host" => [_origin],
        "verdict" => [_verdict],
        "segments" => Markdown.Table(3, ["workload", "mode", "stripes per", "seconds", "faults fired", "verdict"], _segments),
        "litmus" => Markdown.Table(1, ["pair", "forbidden outcome seen", "of", "expected"], _litmus),
        _ => throw new InvalidDataException($"there is no table '{name}'; there are host, verdict, segments and litmus."),
    };

    private static IReadOnlyList<string> Segment(JsonElement segment) =>
        [
            segment.GetProperty("name").GetString()!, segment.GetProperty("mode").GetString()!, segment.GetProperty("stripes").GetString()!,
            segment.GetProperty("seconds").GetDouble().ToString("F1", CultureInfo.InvariantCulture),
            Markdown.Count(segment.GetProperty("faults").EnumerateObject().Sum(fault => fault.Value.GetInt64())), segment.GetProperty("verdict").GetString()!,
        ];

    private static IReadOnlyList<string> Litmus(JsonElement litmus) =>
        [
            litmus.GetProperty("name").GetString()!, Markdown.Count(litmus.GetProperty("forbiddenSeen").GetInt64()), Markdown.Count(litmus.GetProperty("iterations").GetInt64()),
            litmus.GetProperty("expectation").GetString()!,
        ];
}
