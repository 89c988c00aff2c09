using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.CommandLine;

/// <summary>What the process answers.</summary>
internal static class ExitCode
{
    internal const int Held = 0, Violated = 1, Inconclusive = 2, NotSupported = 3;

    internal static int Of(IReadOnlyList<RunResult> results)
    {
        if (results.Any(result => result.Verdict == "violated"))
            return Violated;
        return results.Count > 0 && results.All(result => result.Verdict == "held") ? Held : Inconclusive;
    }
}
