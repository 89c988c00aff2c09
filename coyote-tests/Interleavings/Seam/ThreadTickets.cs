using Percpu.Interleavings.Model;

namespace Percpu.Buffers;

/// <summary>The checked version: a model thread's own tickets.</summary>
internal static class ThreadTickets
{
    internal static TicketRack? Rack
    {
        get => ModelThread.Current.Tickets;
        set => ModelThread.Current.Tickets = value;
    }

    /// <summary>The finalizer's thread is not of the story.</summary>
    internal static bool ReportsDrops => false;
}
