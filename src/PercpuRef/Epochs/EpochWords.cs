using System.Runtime.InteropServices;

namespace Percpu;

/// <summary>The shared words of one epoch domain: one cache line at a stable address.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct EpochWords
{
    /// <summary>The sign bit of <see cref="Word"/>.</summary>
    internal const long Disposed = long.MinValue;

    /// <summary>The domain's offset in every stripe area; with the sign bit set once disposed.</summary>
    internal long Word;

    /// <summary>What a reader announces: the epoch above 16 bits of nesting depth, which is 1 here.</summary>
    internal long Epoch;

    /// <summary>The newest epoch that a grace period is known to have reached.</summary>
    internal long Elapsed;

    /// <summary>Held by the thread that reclaims; see <see cref="Memory.SwitchLock"/>.</summary>
    internal long ReclaimLock;

    /// <summary>Managed id of the thread that runs reclaim callbacks, or 0. Written under the reclaim lock.</summary>
    internal long ReclaimingThread;

    /// <summary>State of the background reclaimer; see <see cref="EpochDomain"/>.</summary>
    internal long Reclaimer;
}
