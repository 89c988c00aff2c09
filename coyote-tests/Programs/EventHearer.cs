using System.Diagnostics.Tracing;

namespace Percpu.Programs;

/// <summary>Hears every event of the library.</summary>
internal sealed class EventHearer(Action<EventWrittenEventArgs> hear) : EventListener
{
    private const string Source = "Percpu";

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Source)
            EnableEvents(eventSource, EventLevel.Verbose);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventSource.Name == Source)
            hear(eventData);
    }
}
