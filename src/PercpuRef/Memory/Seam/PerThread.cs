#pragma warning disable RS0030 // The seam.
namespace Percpu.Memory;

/// <summary>The words that belong to one thread and are read on fast paths.</summary>
/// <remarks>Numbers only, and nothing else in the class: then the JIT reads them with one instruction once it has the thread's
/// base, which it takes out of loops. With a reference or an initialised static beside them it does neither.</remarks>
internal static class PerThread
{
    /// <summary>Address of this thread's stripe area; 0 until it has one.</summary>
    [ThreadStatic]
    internal static long Area;

    /// <summary>What pools know this thread by; 0 until it has rented a block.</summary>
    [ThreadStatic]
    internal static long Mark;
}
