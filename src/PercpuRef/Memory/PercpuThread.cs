using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu;

/// <summary>
/// The running thread, as operations of the library know it: given to their overloads it spares them the access to thread-static
/// fields. Taken once for a frame, and passed down to what the frame calls.
/// </summary>
/// <remarks>
/// <para>In a loop with few variables the JIT makes the access once by itself. In one with many, in a single call, and compiled ahead
/// of time it does not, and the access may cost more than the rest of a pin. <c>docs/embedding.md</c> has figures.</para>
/// <para>It cannot be stored, boxed, captured or carried over an await, so it cannot come to another thread. The default value is
/// good for every operation too: these then count in words that all threads share, which is slower.</para>
/// <para>Kernel: what <c>preempt_disable</c> and <c>this_cpu_ptr</c> are to <c>this_cpu_inc</c>.</para>
/// </remarks>
public readonly ref struct PercpuThread
{
    /// <summary>Its stripe area, as in <see cref="PerThread.Area"/>: 0 if it has none, and always with stripes per CPU.</summary>
    internal readonly long Area;

    /// <summary>Its hazard line; 0 if it has none.</summary>
    internal readonly long Hazards;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PercpuThread(long area, long hazards)
    {
        Area = area;
        Hazards = hazards;
    }

    /// <summary>The thread that runs this.</summary>
    /// <remarks>Allocates native memory at a thread's first use of the library only; where there is none, the result is the default
    /// value. Never blocks, never throws.</remarks>
    public static PercpuThread Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            long hazards = PerThread.Hazards;
            return hazards != 0 ? new PercpuThread(PerThread.Area, hazards) : Attach();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PercpuThread Attach()
    {
        PerProcess.Stripes.TryAttachThread();
        return new PercpuThread(PerThread.Area, PerThread.Hazards);
    }
}
