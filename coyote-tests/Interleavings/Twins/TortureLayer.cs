using System.Globalization;

namespace Percpu.Interleavings.Twins;

/// <summary>Torture: a few seconds of the workload that is nearest to a twin.</summary>
internal sealed class TortureLayer(SourceTree tree, ShippedCompiler compiler, double seconds) : ThreadLayer(tree, compiler, "Torture")
{
    private const int Held = 0, Violated = 1, Inconclusive = 2;

    internal override string Name => "torture";

    private protected override string PartOf(Twin twin) => FolderOf(twin) switch
    {
        "Memory" or "Counting" => "count",
        "Epochs" => "epoch",
        "Buffers" => "mapped",
        "Devices" or "Frames" or "Gup" or "Hmm" => "device",
        _ => "pagemap",
    };

    private protected override string[] Arguments(string part) =>
        ["--inline", "--workload", part, "--mode", "Plain", "--seconds", seconds.ToString(CultureInfo.InvariantCulture), "--seed", "1", "--json", "/dev/stdout"];

    private protected override ThreadOutcome Judge(string part, int exitCode, string output) => exitCode switch
    {
        Held => new ThreadOutcome(ThreadOutcome.Passes, part, ""),
        Inconclusive => new ThreadOutcome(ThreadOutcome.Passes, part, "Inconclusive in so short a time."),
        Violated => new ThreadOutcome(ThreadOutcome.Caught, part, FirstViolation(output)),
        _ => new ThreadOutcome(ThreadOutcome.NotRun, part, output),
    };

    private static string FirstViolation(string output)
    {
        int at = output.IndexOf("\"violations\"", StringComparison.Ordinal);
        return at < 0 ? output : output[at..].Split('\n', 3)[1].Trim(' ', '"', ',').Split("\\n")[0];
    }
}
