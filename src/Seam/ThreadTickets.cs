using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>A conducted thread's own tickets.</summary>
internal static class ThreadTickets
{
    internal static TicketRack? Rack
    {
        get => Conducted.Thread.Tickets;
        set => Conducted.Thread.Tickets = value;
    }

    /// <summary>The finalizer's thread is not of the story, and would tell of the pins of an earlier one.</summary>
    internal static bool ReportsDrops => false;
}
