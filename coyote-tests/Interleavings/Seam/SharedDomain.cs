using Percpu.Interleavings;
using Percpu.Interleavings.Running;

namespace Percpu;

/// <summary>The checked version: every execution is a process of its own.</summary>
internal static class SharedDomain
{
    internal static EpochDomain Instance => ModelThread.Current.Execution.Process.SharedDomain ??= new EpochDomain();
}
