using System.Runtime.InteropServices;

namespace Percpu;

/// <summary>The shared words of one reference: one cache line at a stable address.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct RefWords
{
    /// <summary>The sign bit of <see cref="Word"/>: atomic mode.</summary>
    internal const long AtomicMode = long.MinValue;

    /// <summary>The reference's offset in every stripe area; in atomic mode with the sign bit set. Comes first.</summary>
    internal long Word;

    /// <summary>Signed count, phase and flags; see <see cref="CountWord"/>.</summary>
    internal long Central;

    /// <summary>An upper bound of the stripe sum, and the phase for which it holds; see <see cref="CountWord"/>.</summary>
    internal long Bound;

    /// <summary>How many threads are inside settle.</summary>
    internal long Settlers;

    /// <summary>Excludes mode switches from each other; see <see cref="Memory.SwitchLock"/>.</summary>
    internal long SwitchLock;

    /// <summary>Not 0 once the reference was disposed.</summary>
    internal long Disposed;

    /// <summary>How many bytes a visit may reach; 0 when none may begin, as in atomic mode.</summary>
    internal long Limit;
}
