using Percpu.Interleavings.Model;

namespace Percpu.Memory;

/// <summary>The checked version: every execution is a process of its own.</summary>
internal static class PerProcess
{
    /// <summary>Not the shipped one's: both may stand in one process.</summary>
    internal const string EventSourceName = "Percpu-Interleavings";

    internal static StripeSet Stripes => ModelThread.Current.Execution.Stripes;
}
