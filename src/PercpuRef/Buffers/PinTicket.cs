using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>
/// What stands behind a <see cref="HeldPin"/>: an object that is used again and again, with a generation that tells one
/// use from the next. The generation is odd while the ticket is held.
/// </summary>
/// <remarks>A release compare-exchanges the generation it was given with the next one. So of any number of releases of
/// one pin, by copies or threads, exactly one unpins, also when the ticket serves another pin by then. That one puts the
/// ticket back into its place at home: with the thread that made it, and alone takes it.</remarks>
internal sealed unsafe class PinTicket
{
    internal const int WordsPerTicket = 8; // A line.

    private readonly PinTicket?[] _shelf; // At home.
    private readonly int _place;
    private readonly long[] _words; // Keeps the generation's word alive.
    private readonly long* _generation;
    private MappedMemory? _memory; // For the report of a drop. Belongs to who has taken the ticket, then to who has released it.

    internal PinTicket(PinTicket?[] shelf, int place, long[] words)
    {
        _shelf = shelf;
        _place = place;
        _generation = Pinned.Address(words, place * WordsPerTicket);
        _words = words;
    }

    /// <summary>Reports a pin that was dropped without dispose. Does not unpin: a span may still be in use.</summary>
    ~PinTicket()
    {
        if (ThreadTickets.ReportsDrops && _words is not null && (Atomic.LoadAcquire(_generation) & 1) != 0)
            PercpuEventSource.Log.Warning(_memory, static memory => $"A held pin was dropped without dispose, and stays: {memory}");
    }

    /// <summary>A ticket for a memory of which the caller has taken a reference for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static HeldPin Take(MappedMemory memory)
    {
        PinTicket ticket = (ThreadTickets.Rack ?? TicketRack.Create()).Take();
        ticket._memory = memory;
        long generation = Atomic.LoadLocal(ticket._generation) + 1;
        Atomic.StoreRelease(ticket._generation, generation);
        return new HeldPin(memory, ticket, generation);
    }

    /// <summary>Whether the generation is the current one.</summary>
    internal bool IsAt(long generation) => Atomic.LoadAcquire(_generation) == generation;

    /// <summary>Ends a use, if no one has done so for this generation. Then the caller has to unpin.</summary>
    internal bool TryRelease(long generation)
    {
        // ORDER(ticket-1) compare-exchange of the generation: of all releases of one pin, and of the pins before it, one wins.
        if (Atomic.CompareExchange(_generation, generation + 1, generation) != generation)
            return false;
        _memory = null;
        TicketRack.Return(_shelf, _place, this);
        return true;
    }
}
