using Percpu.Interleavings.Model;

namespace Percpu.Memory;

/// <summary>The checked version: every execution is a process of its own.</summary>
internal static class PerProcess
{
    internal static StripeSet Stripes => ModelThread.Current.Execution.Stripes;
}
