using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace Percpu.Unit.Counting;

/// <summary>Listens to the EventSource <c>Percpu</c>. Events come on the thread that writes them, so that a test can
/// tell its own from those of tests beside it.</summary>
internal sealed class PercpuEvents : EventListener
{
    private readonly ConcurrentQueue<(int Thread, int Id, object?[] Payload)> _events = new();

    internal IEnumerable<object?> OfThisThread(int id) =>
        _events.Where(e => e.Thread == Environment.CurrentManagedThreadId && e.Id == id).Select(e => e.Payload[0]);

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Percpu")
            EnableEvents(eventSource, EventLevel.Verbose);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData) =>
        _events?.Enqueue((Environment.CurrentManagedThreadId, eventData.EventId, [.. eventData.Payload ?? Enumerable.Empty<object?>()]));
}
