#pragma warning disable RS0030 // The seam.
namespace Percpu.Buffers;

/// <summary>The tickets of this thread; see <see cref="PinTicket"/>.</summary>
internal static class ThreadTickets
{
    /// <summary>Null until this thread has held a pin.</summary>
    [ThreadStatic]
    internal static TicketRack? Rack;

    /// <summary>Whether finalizers report pins that were dropped.</summary>
    internal static bool ReportsDrops => true;
}
