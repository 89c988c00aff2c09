namespace Percpu.Interleavings.Twins;

/// <summary>What a layer of real threads said of a twin. It informs: chance decides whether it catches one.</summary>
/// <param name="Verdict">caught, passes, inconclusive, or not run.</param>
/// <param name="By">The workload, or the tests that were run; caught: the test that failed.</param>
/// <param name="Message">Caught: what went wrong. Inconclusive or not run: why.</param>
/// <param name="Seconds">How long the program ran.</param>
internal sealed record ThreadOutcome(string Verdict, string By, string Message, double Seconds = 0)
{
    internal const string Caught = "caught", Passes = "passes", Inconclusive = "inconclusive", NotRun = "not run";
}
