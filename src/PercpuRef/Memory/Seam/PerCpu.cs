#pragma warning disable RS0030 // The seam.
using System.Runtime.CompilerServices;

namespace Percpu.Memory;

/// <summary>
/// Stripes that belong to processors instead of threads. A thread adds to the stripe of the processor it runs on by one
/// call of a restartable sequence, a few instructions of machine code that the kernel starts anew whenever it takes the
/// processor away in their midst, for another thread, a signal, or <see cref="Fence"/>.
/// </summary>
internal static unsafe class PerCpu
{
    /// <summary>Whether this process counts by processor. A constant to code that the JIT optimises: it costs threads' stripes nothing.</summary>
    internal static readonly bool InUse;

    /// <summary>Whether the JIT leaves one of two ways in the machine code that it makes, by <see cref="InUse"/>. Compiled ahead of time
    /// it cannot: there only the slow way asks, where threads get that have no area.</summary>
    internal static bool IsInlined
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => RuntimeFeature.IsDynamicCodeCompiled && InUse;
    }

    /// <summary>Why, or why not.</summary>
    internal static readonly string Reason;

    private static readonly delegate* unmanaged[SuppressGCTransition]<long*, long, int> Section;
    private static readonly long* Areas;
    private static readonly int s_count;
    private static readonly long* Restarts;

    static PerCpu()
    {
        StripeChoice choice = StripeChoice.Make();
        Reason = choice.Reason;
        if (choice.Section is { } section)
        {
            Section = section.Add;
            Areas = section.Areas;
            s_count = section.Count;
            Restarts = section.Restarts;
            InUse = true;
        }
    }

    /// <summary>How many indexes of processors there are; 0 when not in use.</summary>
    internal static int Count => s_count;

    /// <summary>How many sections were started anew so far: for tests and people.</summary>
    internal static long RestartCount => InUse ? Volatile.Read(ref *Restarts) : 0;

    /// <summary>
    /// <see cref="Atomic.AddLocalRelease"/> on the stripe of this processor if the mode word, loaded as by
    /// <see cref="Atomic.LoadAcquire"/>, is in percpu mode: all of it or nothing, as one step. False: nothing was counted,
    /// since the mode is atomic, the processor has no area, or the section was interrupted a thousand times on end.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryAdd(long* mode, long count) => Section(mode, count) != 0;

    /// <summary>Sets the area of an index, in the form of <see cref="StripeLayout"/>: what is added there lies at area + mode word.</summary>
    internal static void SetArea(int index, long area) => Volatile.Write(ref Areas[index], area);

    /// <summary>
    /// When it returns, every section has started anew that had begun, and not ended, before the call: what adds later
    /// has loaded the mode later, and what added earlier is visible here.
    /// </summary>
    // ORDER(section-2) the fence of sections. Pairs with ORDER(section-1).
    internal static void Fence() => RseqSystem.Current.RestartSections();
}
