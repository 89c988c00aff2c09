namespace Percpu.Memory;

/// <summary>The seam over Coyote: every iteration is a process of its own.</summary>
internal static class PerProcess
{
    /// <summary>The shipped one's: that is not in this process.</summary>
    internal const string EventSourceName = "Percpu";

    /// <summary>Few, so that an iteration takes little memory, and a test of many threads has several banks.</summary>
    internal const int BankThreads = 8;

    internal static ReadOnlySpan<long> BankSizes => [16L << 20];

    internal static bool CommitsByPage => false;

    internal static StripeSet Stripes => Conducted.Stripes;
}
