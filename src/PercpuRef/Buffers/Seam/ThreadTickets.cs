#pragma warning disable RS0030 // The seam.
namespace Percpu.Buffers;

/// <summary>The free tickets of this thread, linked; see <see cref="PinTicket"/>.</summary>
internal static class ThreadTickets
{
    [ThreadStatic]
    internal static PinTicket? First;

    [ThreadStatic]
    internal static int Count;
}
