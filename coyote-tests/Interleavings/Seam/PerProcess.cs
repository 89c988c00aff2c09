namespace Percpu.Memory;

/// <summary>The checked version: every execution is a process of its own, and its banks are small, so that scenarios have several.</summary>
internal static class PerProcess
{
    /// <summary>Not the shipped one's: both may stand in one process.</summary>
    internal const string EventSourceName = "Percpu-Interleavings";

    internal const int BankThreads = 2;

    internal static StripeSet Stripes => Conducted.Stripes;

    internal static ReadOnlySpan<long> BankSizes => [16L << 20];

    internal static bool CommitsByPage => false;
}
