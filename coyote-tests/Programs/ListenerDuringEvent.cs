using System.Diagnostics.Tracing;

namespace Percpu.Programs;

/// <summary>Begins to listen a second time while the kind of stripes is told, and writes whether the second listener hears it.</summary>
public static class ListenerDuringEvent
{
    public static void Run()
    {
        Listener? second = null;
        bool began = false;
        using var first = new Listener();
        first.Heard = () =>
        {
            if (began)
                return;
            began = true;
            second = new Listener();
        };
        new PercpuRef().Kill();
        Console.Write(second is { Count: > 0 });
        second?.Dispose();
    }

    private sealed class Listener : EventListener
    {
        public Action? Heard { get; set; }

        public int Count { get; private set; }

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "Percpu")
                EnableEvents(eventSource, EventLevel.Verbose);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.EventName != "StripesChosen")
                return;
            Count++;
            Heard?.Invoke();
        }
    }
}
