using Percpu.Testing;

namespace Percpu.Buffers;

/// <summary>The seam over Coyote: a thread's free tickets in one iteration.</summary>
internal static class ThreadTickets
{
    internal static PinTicket? First
    {
        get => TestThread.Current.Tickets;
        set => TestThread.Current.Tickets = value;
    }

    internal static int Count
    {
        get => TestThread.Current.TicketCount;
        set => TestThread.Current.TicketCount = value;
    }
}
