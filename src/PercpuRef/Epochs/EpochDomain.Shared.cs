using Percpu.Memory;

namespace Percpu;

// Sections of threads for whose stripes there is no memory: counted in one word of the domain, interlocked.
public sealed unsafe partial class EpochDomain
{
    /// <summary>One section in <see cref="EpochWords.Shared"/>. Below it stand zeros, which no announcement of a thread has there: so
    /// leaving the section takes the slow path.</summary>
    private const long SharedStep = EpochReader.DepthMask + 1;

    /// <summary>Whether what a reader holds is the shared count.</summary>
    internal bool IsShared(long* slot) => slot == &_words->Shared;

    internal void ExitShared()
    {
        // ORDER(share-2) interlocked, a full fence: every read of the section comes before it. Pairs with ORDER(grace-4).
        if (Atomic.FetchAdd(&_words->Shared, -SharedStep) <= 0)
        {
            Atomic.FetchAdd(&_words->Shared, SharedStep);
            throw new InvalidOperationException("The read section was left before, through a copy of its EpochReader.");
        }
        if (PerThread.SharedDomain == (long)_words && --PerThread.SharedDepth == 0)
            PerThread.SharedDomain = 0;
    }

    /// <summary>Opens a section of this thread in the shared count, and returns its address.</summary>
    private long EnterShared()
    {
        // ORDER(share-1) interlocked, a full fence, before every read of the section. Pairs with ORDER(grace-2): counted before
        // that fence, the wait sees us; counted after it, our reads come after what was unlinked.
        Atomic.FetchAdd(&_words->Shared, SharedStep);
        if (PerThread.SharedDomain == 0)
            PerThread.SharedDomain = (long)_words;
        if (PerThread.SharedDomain == (long)_words)
            PerThread.SharedDepth++;
        return (long)&_words->Shared;
    }
}
