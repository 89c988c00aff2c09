using System.Globalization;
using System.Text.Json;

namespace Percpu.Interleavings.Twins;

/// <summary>Torture: a few seconds of the workload that is nearest to a twin, up to the first violation.</summary>
internal sealed class TortureLayer(SourceTree tree, ShippedCompiler compiler, double seconds) : ThreadLayer(tree, compiler, "Torture")
{
    private const int Held = 0, Violated = 1, Inconclusive = 2;

    internal override string Name => "torture";

    private string Report => Path.Combine(Folder, "report.json");

    private protected override string PartOf(Twin twin) => FolderOf(twin) switch
    {
        // Only mapped memory announces references.
        _ when twin.Edits.Any(edit => edit.File.Contains("Hazard") || edit.Old.Contains("Hazard")) => "mapped",
        "Memory" or "Counting" => "count",
        "Epochs" => "epoch",
        "Buffers" => "mapped",
        "Pagemaps" => "pagemap",
        _ => "device",
    };

    private protected override string[] Arguments(string part) =>
        ["--inline", "--workload", part, "--mode", "Plain", "--seconds", seconds.ToString(CultureInfo.InvariantCulture), "--seed", "1", "--json", Report];

    // As torture runs its own parts: a loop that is replaced by a better one half-way would be tried in two states.
    private protected override (string Name, string Value)[] Environment => [("DOTNET_TieredCompilation", "0")];

    private protected override ThreadOutcome Judge(string part, ThreadRun run) => run switch
    {
        { Death: { } death } => new ThreadOutcome(ThreadOutcome.Caught, part, death),
        { ExitCode: Held } => new ThreadOutcome(ThreadOutcome.Passes, part, ""),
        { ExitCode: Inconclusive } => new ThreadOutcome(ThreadOutcome.Inconclusive, part, FirstOf("missing")),
        { ExitCode: Violated } => new ThreadOutcome(ThreadOutcome.Caught, part, FirstOf("violations")),
        _ => new ThreadOutcome(ThreadOutcome.NotRun, part, run.Output),
    };

    private string FirstOf(string list)
    {
        using var report = JsonDocument.Parse(File.ReadAllText(Report));
        return report.RootElement.GetProperty(list)[0].GetString()!.Split('\n')[0];
    }
}
