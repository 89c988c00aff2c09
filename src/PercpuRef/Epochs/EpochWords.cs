using System.Runtime.InteropServices;

namespace Percpu;

/// <summary>The shared words of one epoch domain, at a stable address: most of a cache line.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EpochWords
{
    /// <summary>Where the domain has its word in every area, in the form of a reference's mode word: that of percpu mode; once
    /// the domain is disposed, that of atomic mode. See <see cref="Memory.StripeLayout"/>.</summary>
    internal long Mode;

    /// <summary>The newest epoch that a grace period is known to have reached.</summary>
    internal long Elapsed;

    /// <summary>What a reader announces: the epoch above 16 bits of nesting depth, which is 1 here. Not beside
    /// <see cref="Mode"/>: see <see cref="Memory.SlotRun"/>.</summary>
    internal long Epoch;

    /// <summary>Held by the thread that reclaims; see <see cref="Memory.WordLock"/>.</summary>
    internal long ReclaimLock;

    /// <summary>Managed id of the thread that runs reclaim callbacks, or 0. Written under the reclaim lock.</summary>
    internal long ReclaimingThread;

    /// <summary>State of the background reclaimer; see <see cref="EpochDomain"/>.</summary>
    internal long Reclaimer;

    /// <summary>How many sections are open of threads that have no area, above 16 bits of 0.</summary>
    internal long Shared;
}
