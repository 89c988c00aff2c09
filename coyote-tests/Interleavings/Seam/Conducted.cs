using Percpu.Interleavings;
using Percpu.Interleavings.Running;

namespace Percpu.Memory;

/// <summary>The explorer as conductor: a model thread, of an execution that is a process of its own.</summary>
internal static class Conducted
{
    internal static PerThreadState Thread => ModelThread.Current.Own.Library;

    /// <summary>Set-up code is thread -1, and 0 is nobody.</summary>
    internal static long ThreadNumber => ModelThread.Current.Id + 2;

    internal static StripeSet Stripes => ModelThread.Current.Execution.Stripes;

    internal static EpochDomain Domain => ModelThread.Current.Execution.Process.SharedDomain ??= new EpochDomain();
}
