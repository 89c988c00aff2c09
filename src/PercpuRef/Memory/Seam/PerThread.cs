#pragma warning disable RS0030 // The seam.
namespace Percpu.Memory;

/// <summary>All state that belongs to one thread.</summary>
/// <remarks>Numbers, and nothing else in the class: then the JIT reads each with one instruction once it has the thread's base.</remarks>
internal static class PerThread
{
    /// <summary>This thread's stripe area, in the form of <see cref="StripeLayout"/>; 0 until it has one, and always with stripes
    /// per CPU.</summary>
    [ThreadStatic]
    internal static long Area;

    /// <summary>The area in which its epoch readers are announced; 0 until it has one. The same, but with stripes per CPU.</summary>
    [ThreadStatic]
    internal static long ReaderArea;

    /// <summary>Address of this thread's hazard line; 0 until it has one.</summary>
    [ThreadStatic]
    internal static long Hazards;

    /// <summary>The words of the domain whose shared count this thread is in, and how deep; see <see cref="EpochDomain"/>.</summary>
    [ThreadStatic]
    internal static long SharedDomain;

    [ThreadStatic]
    internal static long SharedDepth;
}
