using Percpu.Testing;

namespace Percpu.Buffers;

/// <summary>The seam over Coyote: a thread's tickets in one iteration.</summary>
internal static class ThreadTickets
{
    internal static TicketRack? Rack
    {
        get => TestThread.Current.Tickets;
        set => TestThread.Current.Tickets = value;
    }

    /// <summary>Not the pins of an earlier iteration.</summary>
    internal static bool ReportsDrops => false;
}
