namespace Percpu.Interleavings.Twins;

/// <summary>The unit tests of the layer whose source a twin edits, up to the first that fails.</summary>
internal sealed class UnitLayer(SourceTree tree, ShippedCompiler compiler) : ThreadLayer(tree, compiler, "Unit")
{
    private const string Failed = " [FAIL]";

    // They compile the source files themselves, and so never meet the twin's assembly.
    private static readonly string[] OwnSource = ["FenceCountTests", "NoMemoryTests", "SmallPhaseTests"];

    internal override string Name => "unit";

    private protected override string PartOf(Twin twin) => $"Percpu.Unit.{FolderOf(twin)}";

    private protected override string[] Arguments(string part) => 
    [
        "-namespace", part, .. OwnSource.SelectMany(name => (string[])["-class-", $"*.{name}"]), "-stopOnFail", "-noColor", "-noLogo",
    ];

    private protected override ThreadOutcome Judge(string part, int exitCode, string output)
    {
        if (exitCode == 0)
            return new ThreadOutcome(ThreadOutcome.Passes, part, "");
        string[] lines = output.Split('\n');
        int at = Array.FindIndex(lines, line => line.TrimEnd().EndsWith(Failed, StringComparison.Ordinal));
        return at < 0
            ? new ThreadOutcome(ThreadOutcome.NotRun, part, output)
            : new ThreadOutcome(ThreadOutcome.Caught, lines[at].Trim().Replace(Failed, "", StringComparison.Ordinal), lines[Math.Min(at + 1, lines.Length - 1)].Trim());
    }
}
