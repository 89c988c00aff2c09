using Percpu.Interleavings.Model;

namespace Percpu;

/// <summary>The checked version: every execution is a process of its own.</summary>
internal static class SharedDomain
{
    internal static EpochDomain Instance => ModelThread.Current.Execution.SharedDomain ??= new EpochDomain();
}
