using Percpu.Interleavings;
using Percpu.Interleavings.Model;

namespace Percpu.Memory;

/// <summary>The checked version: each thread has a processor of its own.</summary>
internal static class Processors
{
    internal static int Count => 1;

    internal static int Current => Math.Max(0, ModelThread.Current.Id);
}
