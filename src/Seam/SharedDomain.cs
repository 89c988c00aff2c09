using Percpu.Memory;

namespace Percpu;

/// <summary>Every execution is a process of its own.</summary>
internal static class SharedDomain
{
    internal static EpochDomain Instance => Conducted.Domain;
}
