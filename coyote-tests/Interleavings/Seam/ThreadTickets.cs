using Percpu.Interleavings;
using Percpu.Interleavings.Running;

namespace Percpu.Buffers;

/// <summary>The checked version: a model thread's own tickets.</summary>
internal static class ThreadTickets
{
    internal static TicketRack? Rack
    {
        get => ModelThread.Current.Own.Tickets;
        set => ModelThread.Current.Own.Tickets = value;
    }

    /// <summary>The finalizer's thread is not of the story.</summary>
    internal static bool ReportsDrops => false;
}
