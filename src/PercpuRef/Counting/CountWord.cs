namespace Percpu;

/// <summary>
/// The layout that <see cref="RefWords.Central"/> and <see cref="RefWords.Bound"/> share:
/// <code>
/// 63 ............ 18 | 17 ..... 2 | 1             | 0
/// signed count (46)  | phase (16) | DEAD, unknown | RELEASED, unconfirmed
/// </code>
/// The count stands on top, so that adding to it never disturbs the rest and wraps modulo 2^46 by itself. A sum of two
/// counts keeps its sign in bit 63, which is all that anyone compares.
/// </summary>
internal static class CountWord
{
    /// <summary>Central: the release callback of this life has been won.</summary>
    internal const long Released = 1;

    /// <summary>Central: killed.</summary>
    internal const long Dead = 2;

    /// <summary>Bound: no scan may conclude anything in this phase yet (percpu mode).</summary>
    internal const long Unconfirmed = 1;

    /// <summary>Bound: scans may conclude, but none has published its sum yet.</summary>
    internal const long Unknown = 2;

    private const int PhaseBits = 16;
    private const int PhaseShift = 2;
    private const int CountShift = 18;
    private const long PhaseMask = ((1L << PhaseBits) - 1) << PhaseShift;
    private const long CountMask = -1L << CountShift;

    /// <summary>A count or stripe sum in the place it has in both words, modulo 2^46.</summary>
    internal static long FromCount(long count) => count << CountShift;

    /// <summary>The count of a word, still in its place: compare with 0 or with another one by their difference.</summary>
    internal static long Count(long word) => word & CountMask;

    internal static long Phase(long word) => word & PhaseMask;

    internal static long NextPhase(long word) => (word + (1L << PhaseShift)) & PhaseMask;

    /// <summary>Whether a phase begins a half of the phase range.</summary>
    internal static bool BeginsHalf(long phase) => (phase & (PhaseMask >> 1) & PhaseMask) == 0;

    internal static bool SamePhase(long a, long b) => Phase(a) == Phase(b);

    /// <summary>A count in place as a plain number.</summary>
    internal static long ToCount(long count) => count >> CountShift;
}
