namespace Percpu.Memory;

/// <summary>All state that belongs to the process as a whole.</summary>
internal static class PerProcess
{
    /// <summary>A process has one EventSource of a name: of a second one no listener hears anything.</summary>
    internal const string EventSourceName = "Percpu";

    /// <summary>Threads whose stripes lie side by side.</summary>
    internal const int BankThreads = 256;

    /// <summary>The stripes in which every reference and every epoch reader of the process counts.</summary>
    internal static readonly StripeSet Stripes = CreateStripes();

    // Their address space lasts as long as the process, or as this load context.
    private static readonly object? Unloaded = LoadContext.AtEnd(Stripes.Release);

    /// <summary>Address space of a bank, the size for all: the first that the operating system gives. The largest has words for 33
    /// million slots, the smallest for 129,024.</summary>
    internal static ReadOnlySpan<long> BankSizes => [64L << 30, 16L << 30, 4L << 30, 1L << 30, 256L << 20];

    /// <summary>Whether the operating system charges for committed memory that nobody touches.</summary>
    internal static bool CommitsByPage => OperatingSystem.IsWindows();

    private static StripeSet CreateStripes()
    {
        PercpuEventSource.Log.StripesChosen(PercpuStripes.Kind.ToString(), PercpuStripes.Reason);
        return new StripeSet(PercpuStripes.Kind);
    }
}
