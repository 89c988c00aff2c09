using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Buffers;

// Of any number of returns of one rental exactly one counts, and the usual one costs no interlocked operation.
//
// A block has a home: the cache it was last filled into. Its generation, odd while rented, is written by the home alone (the
// cache's thread; when that has ended, whoever holds the pool's lock). So a return at home compares and stores it with plain
// instructions. A return elsewhere puts its generation into the claim, by a compare-exchange, and whoever changes the claim
// from 0 also pushes the block on its home's list. That is all: the home, when it takes the list, compares. If the claimed
// generation is still rented, the claim is the return; if not, a return at home came first, or the claim is of an older
// rental, and it is forgotten. The claim goes back to 0 only then, so a block is never in a list twice, and a newer claim
// replaces an older one that waits.
//
// When a slab is retired its rented blocks must be unmapped by whoever returns them, the home may sleep. The retirement marks
// every claim, fences all threads once, and looks at the generations. A home that did not see the mark has stored its
// generation before the fence, so the retirement sees it; any other goes by the claim from then on. A block that is rented
// then gets a count of the slab and the phase Counted, and its returns, at home and elsewhere, compare-exchange that.
internal sealed unsafe partial class SlabBlock
{
    private readonly long* _generation;
    private SlabCache _home; // Changed under the pool's lock, while the block is in the depot.

    /// <summary>The next of a list of returned blocks. Belongs to who pushes it, then to who has taken the list.</summary>
    internal SlabBlock? Next { get; set; }

    internal SlabCache Home
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Atomic.LoadReference(ref _home);
    }

    /// <summary>False once its slab is being retired.</summary>
    internal bool IsOpen => SlabClaim.Phase(Atomic.LoadAcquire(Claim)) == SlabClaim.Open;

    private long* Claim => _generation + 1;

    /// <summary>Gives the block another home. Under the pool's lock, while it is in the depot.</summary>
    internal void MoveTo(SlabCache home)
    {
        if (!ReferenceEquals(_home, home))
            Atomic.ExchangeReference(ref _home, home);
    }

    /// <summary>Whether it is not rented as far as the home knows. For the home.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsFree(out long generation)
    {
        generation = Atomic.LoadLocal(_generation);
        return (generation & 1) == 0;
    }

    /// <summary>Whether a rental is not returned yet as far as the home knows. For the home.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsAt(long generation) => Atomic.LoadLocal(_generation) == generation;

    /// <summary>Rents it, at home. False when there is a claim: then <see cref="StaysOpen"/> decides.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Begin(long generation)
    {
        long* words = _generation;
        Atomic.StoreLocal(words, generation);
        // ORDER(block-1) light fence. Pairs with ORDER(block-4), the process-wide fence. If the store comes before that fence,
        // the retirement sees it. If it comes after, then so does the load of the claim, which sees the mark.
        Atomic.LightFence();
        return Atomic.LoadAcquire(words + 1) == 0;
    }

    /// <summary>Returns it, at home. False when there is a claim: then <see cref="StaysOpen"/> decides.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool End(long generation)
    {
        long* words = _generation;
        // ORDER(block-2) store-release: what the renter did comes before. Pairs with ORDER(block-4): a retirement that finds
        // the block returned may unmap it.
        Atomic.StoreRelease(words, generation + 1);
        Atomic.LightFence(); // As ORDER(block-1).
        return Atomic.LoadAcquire(words + 1) == 0;
    }

    /// <summary>Returns it, not at home.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void EndElsewhere(long generation)
    {
        while (true)
        {
            long claim = Atomic.LoadAcquire(Claim), next = SlabClaim.Of(generation, SlabClaim.Phase(claim));
            if (!SlabClaim.Allows(claim, generation) || Atomic.LoadAcquire(_generation) > generation)
                return;
            if (SlabClaim.Phase(claim) == SlabClaim.Counted)
                next = SlabClaim.Closed;
            else if (SlabClaim.Generation(claim) > generation)
                return;
            // ORDER(block-3) compare-exchange: of all claims one pushes, and what this renter did comes before the next rent.
            if (Atomic.CompareExchange(Claim, next, claim) != claim)
                continue;
            if (claim == 0)
                Home.PushReturned(this);
            else if (SlabClaim.Phase(claim) == SlabClaim.Counted)
                _reference.Put();
            return;
        }
    }

    /// <summary>Decides about the claim of a block from a list of returned ones. For the home, and not later than it was taken.</summary>
    /// <returns>Whether the claim was the return: the block is free.</returns>
    internal bool TryEndClaimed(SlabCache home)
    {
        bool ended = false;
        while (true)
        {
            // ORDER(block-5) acquire, before the home is read. Pairs with ORDER(block-3): a claim of a rental from another
            // home is not seen without that home, whose business it is.
            long claim = Atomic.LoadAcquire(Claim);
            if (SlabClaim.Phase(claim) != SlabClaim.Open)
                return false; // The retirement sees to it.
            if (Home is var other && !ReferenceEquals(other, home))
            {
                other.PushReturned(this);
                return false;
            }
            if (Atomic.LoadLocal(_generation) == SlabClaim.Generation(claim))
            {
                Atomic.StoreRelease(_generation, SlabClaim.Generation(claim) + 1);
                ended = true;
            }
            // Not earlier: with neither the claim nor the generation to tell, the rental would look rented again.
            if (Atomic.CompareExchange(Claim, 0, claim) == claim)
                return ended;
        }
    }

    /// <summary>Whether a rental is not returned yet. Exact for whoever knows of a return.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsRented(long generation)
    {
        long* words = _generation;
        long claim = Atomic.LoadAcquire(words + 1); // First: see the end of TryEndClaimed.
        if (claim != 0 && !SlabClaim.Allows(claim, generation))
            return false;
        return Atomic.LoadAcquire(words) == generation;
    }

    /// <summary>Whether anybody rents it. Exact when nobody rents or returns it meanwhile.</summary>
    internal bool IsRentedNow
    {
        get
        {
            long claim = Atomic.LoadAcquire(Claim); // First, as in IsRented.
            long generation = Atomic.LoadAcquire(_generation);
            return (generation & 1) != 0 && (claim == 0 || SlabClaim.Allows(claim, generation));
        }
    }

    /// <summary>First part of a retirement: from now on the home looks at the claim.</summary>
    internal void BeginClose()
    {
        while (true)
        {
            long claim = Atomic.LoadAcquire(Claim);
            if (SlabClaim.Phase(claim) != SlabClaim.Open || Atomic.CompareExchange(Claim, claim | SlabClaim.Closing, claim) == claim)
                return;
        }
    }

    /// <summary>Second part, behind the process-wide fence and under a count of the slab: takes another for a rented block.</summary>
    internal void EndClose()
    {
        while (true)
        {
            long claim = Atomic.LoadAcquire(Claim), generation = Atomic.LoadAcquire(_generation);
            if (SlabClaim.Phase(claim) == SlabClaim.Closed)
                return; // The home was here.
            bool rented = (generation & 1) != 0 && SlabClaim.Generation(claim) != generation;
            if (rented)
                _reference.Get();
            if (Atomic.CompareExchange(Claim, rented ? SlabClaim.Of(generation, SlabClaim.Counted) : SlabClaim.Closed, claim) == claim)
                return;
            if (rented)
                _reference.Put();
        }
    }

    /// <summary>For a home that has begun or ended a rental and may have found a claim. When the slab is being retired, the
    /// block is not rented in either case.</summary>
    internal bool StaysOpen()
    {
        while (true)
        {
            long claim = Atomic.LoadAcquire(Claim), phase = SlabClaim.Phase(claim);
            if (phase == SlabClaim.Open || phase == SlabClaim.Closed)
                return phase == SlabClaim.Open;
            if (Atomic.CompareExchange(Claim, SlabClaim.Closed, claim) != claim)
                continue;
            if (phase == SlabClaim.Counted)
                _reference.Put();
            return false;
        }
    }
}
