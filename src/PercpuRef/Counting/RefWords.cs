using System.Runtime.InteropServices;
using Percpu.Memory;

namespace Percpu;

/// <summary>The shared words of one reference, at a stable address: half a cache line, or most of one.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RefWords
{
    // Flags of State, above the bits of the switch lock.

    /// <summary>Disposed.</summary>
    internal const long Disposed = 1 << 2;

    /// <summary>Was created for more than one life. Never changes.</summary>
    internal const long AllowsReinit = 1 << 3;

    /// <summary>Has a line of its own: <see cref="Settlers"/> and <see cref="Limit"/> are there. Never changes.</summary>
    internal const long HasLine = 1 << 4;

    /// <summary>Pins of it may be announced, by hazard pointers. Never changes.</summary>
    internal const long CanBeAnnounced = 1 << 5;

    /// <summary>Stays in atomic mode over a reinit. Written under the switch lock.</summary>
    internal const long StaysAtomic = 1 << 6;

    /// <summary>The release callback has returned, of a reference that has one life.</summary>
    internal const long Ended = 1 << 7;

    /// <summary>Was misused after its release: the stripes need not sum to the negative of the count.</summary>
    internal const long Unbalanced = 1 << 8;

    /// <summary>The mode word: which mode, and where the reference counts in every area; see <see cref="StripeLayout"/>. Comes
    /// first: its address is that of all the words, and the name of the reference in hazard pointers.</summary>
    internal long Mode;

    /// <summary>Signed count, phase and flags; see <see cref="CountWord"/>.</summary>
    internal long Central;

    /// <summary>An upper bound of the stripe sum, and the phase for which it holds; see <see cref="CountWord"/>.</summary>
    internal long Bound;

    /// <summary>The switch lock, which excludes mode switches from each other (a <see cref="Memory.WordLock"/>), and flags.</summary>
    internal long State;

    /// <summary>How many threads are inside settle. Only with a line of its own, which every reference has that may be revived.</summary>
    internal long Settlers;

    /// <summary>How many bytes an announced access may reach; 0 when none may begin, as in atomic mode. Only with a line of its own.</summary>
    internal long Limit;
}
