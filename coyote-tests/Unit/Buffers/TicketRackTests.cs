using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>The tickets of a thread's held pins.</summary>
public sealed class TicketRackTests
{
    [Fact]
    public void As_many_tickets_as_a_thread_takes_are_made_and_no_two_are_one() => Worker.RunWaiting("a ticket, of which no free one is left", () =>
    {
        TicketRack rack = TicketRack.Create();
        var taken = new HashSet<PinTicket>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < 200; i++)
            Assert.True(taken.Add(rack.Take()), $"Ticket {i} was taken before.");
    });
}
