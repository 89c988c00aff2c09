namespace Percpu.Interleavings.Twins;

/// <summary>The unit tests of the layer whose source a twin edits, up to the first that fails.</summary>
internal sealed class UnitLayer(SourceTree tree, ShippedCompiler compiler) : ThreadLayer(tree, compiler, "Unit")
{
    private const string Starting = " [STARTING]", Finished = " [FINISHED]", Failed = " [FAIL]";

    // They compile the source files themselves, and so never meet the twin's assembly.
    private static readonly string[] OwnSource = ["FenceCountTests", "NoMemoryTests", "SmallPhaseTests"];

    internal override string Name => "unit";

    /// <summary>
    /// Memory has few tests of its own: what stands on it first tests it, too. The layers of the pagemap library are small, and
    /// tested together.
    /// </summary>
    private protected override string PartOf(Twin twin) => FolderOf(twin) switch
    {
        "Memory" => "Memory Counting",
        "Counting" or "Epochs" or "Buffers" => FolderOf(twin),
        _ => "Pagemaps Frames Devices Gup Hmm",
    };

    private protected override string[] Arguments(string part) =>
    [
        .. part.Split(' ').SelectMany(layer => (string[])["-namespace", $"Percpu.Unit.{layer}"]),
        .. OwnSource.SelectMany(name => (string[])["-class-", $"*.{name}"]),
        "-stopOnFail", "-noColor", "-noLogo", "-reporter", "verbose",
    ];

    private protected override ThreadOutcome Judge(string part, ThreadRun run) => JudgeRun(part, run);

    /// <summary>From what the test runner wrote. Its exit code counts failures, and so looks like a crash if there are many.</summary>
    internal static ThreadOutcome JudgeRun(string part, ThreadRun run)
    {
        if (run.ExitCode == 0)
            return new ThreadOutcome(ThreadOutcome.Passes, part, "");
        string[] lines = run.Output.Split('\n', StringSplitOptions.TrimEntries);
        int at = Array.FindIndex(lines, line => line.EndsWith(Failed, StringComparison.Ordinal));
        if (at >= 0)
            return new ThreadOutcome(ThreadOutcome.Caught, lines[at][..^Failed.Length], at + 1 < lines.Length ? lines[at + 1] : "");
        return run.Death is { } death
            ? new ThreadOutcome(ThreadOutcome.Caught, string.Join(' ', Running(lines)), death)
            : new ThreadOutcome(ThreadOutcome.NotRun, part, run.Output);
    }

    /// <summary>The tests that had begun and not ended.</summary>
    private static IEnumerable<string> Running(string[] lines)
    {
        HashSet<string> ended = [.. lines.Select(line => line.IndexOf(Finished, StringComparison.Ordinal) is var at and > 0 ? line[..at] : "")];
        return lines.Where(line => line.EndsWith(Starting, StringComparison.Ordinal)).Select(line => line[..^Starting.Length]).Where(name => !ended.Contains(name));
    }
}
