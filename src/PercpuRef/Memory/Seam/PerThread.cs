#pragma warning disable RS0030 // The seam.
namespace Percpu.Memory;

/// <summary>All state that belongs to one thread.</summary>
internal static class PerThread
{
    /// <summary>Address of this thread's stripe area; 0 until it has one.</summary>
    [ThreadStatic]
    internal static long Area;
}
