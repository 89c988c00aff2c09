using Percpu.Testing;

namespace Percpu;

/// <summary>The seam over Coyote: every iteration is a process of its own.</summary>
internal static class SharedDomain
{
    internal static EpochDomain Instance => TestThread.Current.Iteration.Domain;
}
