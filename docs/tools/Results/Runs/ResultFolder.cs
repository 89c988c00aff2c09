using System.Text.Json;
using System.Text.RegularExpressions;
using Percpu.PinThroughput.Reports;

namespace Percpu.Results.Runs;

/// <summary>
/// The result files: <c>bench/results/PROCESSOR/DATE-RUN.json</c> and <c>coyote-tests/results/DATE-RUN.json</c>. Of several files of one
/// run the newest by its date counts; so a new file is put beside the old one, and no document has to name it.
/// </summary>
internal sealed partial class ResultFolder(string root)
{
    private readonly Dictionary<string, IRun> _open = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">There is no file of that name, or it is not a result.</exception>
    internal IRun Open(string run) => _open.TryGetValue(run, out IRun? known) ? known : _open[run] = Read(Newest(run), run);

    /// <exception cref="InvalidDataException">There is no file of that name, or it is not one of the bench.</exception>
    internal Result Bench(string run) => Open(run) is BenchRun bench ? bench.Result : throw new InvalidDataException($"'{run}' is not a run of PinThroughput.");

    private string Newest(string run) => TryNewest(run) ?? throw new InvalidDataException($"there is no file DATE-{run}.json under bench/results or coyote-tests/results.");

    private string? TryNewest(string run)
    {
        var found = ((string[])["bench/results", "coyote-tests/results"])
            .Select(folder => Path.Combine(root, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories))
            .Select(path => (Path: path, Name: Name().Match(Path.GetFileName(path))))
            .Where(file => file.Name.Success && file.Name.Groups["run"].Value == run)
            .OrderBy(file => file.Name.Groups["date"].Value, StringComparer.Ordinal).ThenBy(file => file.Path, StringComparer.Ordinal)
            .ToList();
        return found.Count > 0 ? found[^1].Path : null;
    }

    private IRun Read(string path, string run)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
            if (json.RootElement.TryGetProperty("twins", out _))
                return TwinRun.Read(json.RootElement, TryNewest($"{run}-coyote") is null ? null : Open($"{run}-coyote") as TwinRun);
            if (json.RootElement.TryGetProperty("segments", out _))
                return TortureRun.Read(json.RootElement);
            if (json.RootElement.TryGetProperty("mutants", out _))
                return MutantRun.Read(json.RootElement);
            if (json.RootElement.TryGetProperty("orders", out _))
                return OrderRun.Read(json.RootElement);
            if (json.RootElement.TryGetProperty("results", out JsonElement results) && results.GetArrayLength() > 0 && results[0].TryGetProperty("scenario", out _))
                return ScenarioRun.Read(json.RootElement);
            return new BenchRun(JsonReport.Read(new FileInfo(path)));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"'{Path.GetFileName(path)}' cannot be read: {exception.Message}", exception);
        }
    }

    [GeneratedRegex(@"^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})-(?<run>[a-z0-9-]+)\.json$")]
    private static partial Regex Name();
}
