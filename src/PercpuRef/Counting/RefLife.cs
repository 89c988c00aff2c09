using Percpu.Memory;

namespace Percpu;

/// <summary>One life of a reference whose end somebody wants to know, with its release callback.</summary>
/// <remarks>A reference that has one life, and that nobody awaits, has none.</remarks>
internal sealed class RefLife(Action<PercpuRef>? release) : Completion
{
    internal Action<PercpuRef>? Release => release;
}
