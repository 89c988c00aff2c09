using Percpu.Testing;

namespace Percpu.Memory;

/// <summary>Coyote as conductor: one of its operations, in an iteration that is a process of its own.</summary>
internal static class Conducted
{
    internal static PerThreadState Thread => TestThread.Current.Library;

    internal static long ThreadNumber => TestThread.Current.Number;

    internal static StripeSet Stripes => TestThread.Current.Iteration.Stripes;

    internal static EpochDomain Domain => TestThread.Current.Iteration.Domain;
}
