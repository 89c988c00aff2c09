using System.Runtime.CompilerServices;

namespace Percpu.Torture.Workloads.Counting;

/// <summary>Looks at private state of a reference that no public member tells.</summary>
internal static class ReferenceInternals
{
    /// <summary>The reference's offset in every stripe area: equal for two references, the later one recycled it.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_offset")]
    internal static extern ref readonly long Offset(PercpuRef reference);
}
