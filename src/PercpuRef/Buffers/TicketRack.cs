using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>
/// The tickets of one thread, each with a place of its own: in its place while it is free, away while it is held. Only
/// the thread takes; whoever releases, on any thread, puts back. So a thread has at most about twice as many tickets as it had
/// pins under way at one time, wherever these are released, and nothing is shared that would have to be locked.
/// </summary>
/// <remarks>A held ticket is not referred to from here, so that the collector can tell when its pin was dropped; its place
/// stays empty then. When the thread has ended, the collector takes what is free, and the rest when it is released.</remarks>
internal sealed class TicketRack
{
    private const int FirstShelf = 16;

    private readonly List<PinTicket?[]> _shelves = [];
    private PinTicket?[] _shelf = [];
    private int _place; // On the shelf, of the ticket that was taken last: it may be back.
    private int _next; // Of the shelf in the list.
    private int _total;
    private int _found; // In this round over all places.

    /// <summary>Makes this thread's rack.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static TicketRack Create()
    {
        var rack = new TicketRack();
        rack.AddShelf();
        return ThreadTickets.Rack = rack;
    }

    /// <summary>A free ticket. Throws OutOfMemoryException.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PinTicket Take()
    {
        ref PinTicket? place = ref _shelf[_place];
        // ORDER(ticket-3) acquire. Pairs with ORDER(ticket-2): a ticket that is back has the generation of its release.
        PinTicket? ticket = Atomic.LoadReference(ref place);
        if (ticket is null)
            return TakeNext();
        Atomic.StoreReference(ref place, null);
        return ticket;
    }

    /// <summary>Puts a ticket that was released into its place.</summary>
    // ORDER(ticket-2) store-release, after the generation. Pairs with ORDER(ticket-3).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Return(PinTicket?[] shelf, int place, PinTicket ticket) => Atomic.StoreReference(ref shelf[place], ticket);

    // Round and round over all places: what was taken first is likely back first. When a round has found less than a quarter of the
    // tickets in their places, there are too few. So a ticket costs four looks or so on average, and as only pins under way
    // are missing, the number of tickets stays below twice theirs.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private PinTicket TakeNext()
    {
        while (true)
        {
            if (++_place >= _shelf.Length)
                TakeNextShelf();
            ref PinTicket? place = ref _shelf[_place];
            if (Atomic.LoadReference(ref place) is not { } ticket)
                continue;
            Atomic.StoreReference(ref place, null);
            _found++;
            return ticket;
        }
    }

    private void TakeNextShelf()
    {
        _place = 0; // First: there may be no memory for a shelf.
        if (_next < _shelves.Count)
        {
            _shelf = _shelves[_next++];
        }
        else if (_found < _total / 4)
        {
            AddShelf();
        }
        else
        {
            _shelf = _shelves[0];
            _next = 1;
            _found = 0;
        }
    }

    private void AddShelf()
    {
        var shelf = new PinTicket?[Math.Max(FirstShelf, _total / 2)];
        long[] words = NativeBlocks.AllocatePinnedWords(shelf.Length * PinTicket.WordsPerTicket);
        for (int i = 0; i < shelf.Length; i++)
            Return(shelf, i, new PinTicket(shelf, i, words));
        _shelves.Add(shelf);
        _total += shelf.Length;
        _shelf = shelf;
        _next = _shelves.Count; // The round goes on: it finds what is new, which is more than a quarter.
    }
}
