using Percpu.Interleavings.Model;

namespace Percpu.Buffers;

/// <summary>The checked version: a model thread's own free tickets.</summary>
internal static class ThreadTickets
{
    internal static PinTicket? First
    {
        get => ModelThread.Current.Tickets;
        set
        {
            if (value is not null)
                GC.SuppressFinalize(value); // The finalizer's thread is not of the story.
            ModelThread.Current.Tickets = value;
        }
    }

    internal static int Count
    {
        get => ModelThread.Current.TicketCount;
        set => ModelThread.Current.TicketCount = value;
    }
}
