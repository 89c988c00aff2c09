using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace Percpu.Unit.Support;

/// <summary>Hears the events of the library. Tests run side by side: look for what only this test can have caused.</summary>
internal sealed class PercpuEvents : EventListener
{
    private readonly ConcurrentQueue<(int Thread, string Name, object?[] Payload)> _heard = [];

    internal PercpuEvents() => EventSourceCreated += (_, created) =>
    {
        if (created.EventSource?.Name == "Percpu")
            EnableEvents(created.EventSource, EventLevel.Verbose);
    };

    /// <summary>The payloads of the events of a name whose values fulfil a condition.</summary>
    internal List<object?[]> Heard(string name, Func<object?[], bool> condition) =>
        [.. _heard.Where(each => each.Name == name && condition(each.Payload)).Select(each => each.Payload)];

    /// <summary>How many events of a name the calling thread has written.</summary>
    internal int OfThisThread(string name) => _heard.Count(each => each.Thread == Environment.CurrentManagedThreadId && each.Name == name);

    /// <summary>What the calling thread has told of misuse. Events are written on the thread that causes them.</summary>
    internal IEnumerable<object?> MisuseOfThisThread() =>
        _heard.Where(each => each.Thread == Environment.CurrentManagedThreadId && each.Name == "Misuse").Select(each => each.Payload[0]);

    protected override void OnEventWritten(EventWrittenEventArgs eventData) =>
        _heard.Enqueue((Environment.CurrentManagedThreadId, eventData.EventName ?? "", [.. eventData.Payload ?? (IEnumerable<object?>)[]]));
}
