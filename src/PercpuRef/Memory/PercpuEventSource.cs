using System.Diagnostics.Tracing;

namespace Percpu.Memory;

/// <summary>Warnings of the library as events of the EventSource <c>Percpu</c>.</summary>
/// <remarks>Nothing here throws, whatever a listener or a stranger's exception does: who reports has more to do. That is why
/// texts are put together in here, and an exception is given as it is.</remarks>
[EventSource(Name = PerProcess.EventSourceName)]
internal sealed unsafe class PercpuEventSource : EventSource
{
    internal static readonly PercpuEventSource Log = Create();

    private (string Kind, string Reason)? _stripes;

    private PercpuEventSource()
    {
    }

    // As long as it is there, another context's source of the same name is not heard.
    private static PercpuEventSource Create()
    {
        var log = new PercpuEventSource();
        LoadContext.OnUnloading(log.Dispose);
        return log;
    }

    /// <summary>A reference was put too often, or used after its release.</summary>
    [Event(1, Level = EventLevel.Error, Message = "{0}")]
    public void Misuse(string description)
    {
        PercpuMeter.Misuse();
        Write(EventLevel.Error, description, &Event);
        static void Event(PercpuEventSource log, string text) => log.WriteEvent(1, text);
    }

    /// <summary>A callback of the user threw.</summary>
    [NonEvent]
    public void CallbackFailed(string callback, Exception exception, string? of = null)
    {
        Write(EventLevel.Warning, (callback, of, exception), &Event);
        static void Event(PercpuEventSource log, (string Callback, string? Of, Exception Thrown) it) =>
            log.CallbackFailed(it.Of is null ? it.Callback : $"{it.Callback} of {it.Of}", it.Thrown.GetType().Name, MessageOf(it.Thrown));
    }

    /// <summary>A grace period waits for a reader that has been inside for long.</summary>
    [Event(3, Level = EventLevel.Warning, Message = "Epoch reader on thread {0} ({1}) has held up a grace period for {2} ms")]
    public void StalledReader(int threadId, string threadName, long milliseconds)
    {
        PercpuMeter.Stalled();
        Write(EventLevel.Warning, (threadId, threadName, milliseconds), &Event);
        static void Event(PercpuEventSource log, (int Id, string Name, long Milliseconds) of) => log.WriteEvent(3, of.Id, of.Name, of.Milliseconds);
    }

    /// <summary>A mapped file was dropped without dispose.</summary>
    [Event(4, Level = EventLevel.Warning, Message = "Mapped file {0} was dropped without dispose")]
    public void MappedFileDropped(string path)
    {
        Write(EventLevel.Warning, path, &Event);
        static void Event(PercpuEventSource log, string of) => log.WriteEvent(4, of);
    }

    /// <summary>A native slab was dropped without dispose.</summary>
    [Event(11, Level = EventLevel.Warning, Message = "A native slab of {0} bytes was dropped without dispose")]
    public void NativeSlabDropped(long bytes)
    {
        Write(EventLevel.Warning, bytes, &Event);
        static void Event(PercpuEventSource log, long of) => log.WriteEvent(11, of);
    }

    /// <summary>A condition for which the kernel would print a warning.</summary>
    [Event(5, Level = EventLevel.Warning, Message = "{0}")]
    public void Warning(string description)
    {
        Write(EventLevel.Warning, description, &Event);
        static void Event(PercpuEventSource log, string text) => log.WriteEvent(5, text);
    }

    /// <summary>The same, whose text is put together here. Its parts are the library's own, or strings.</summary>
    [NonEvent]
    public void Warning<TState>(TState state, Func<TState, string> describe)
    {
        Write(EventLevel.Warning, (state, describe), &Event);
        static void Event(PercpuEventSource log, (TState State, Func<TState, string> Describe) it) => log.Warning(it.Describe(it.State));
    }

    /// <summary>No thread could be started. What the caller retired is in the list.</summary>
    [NonEvent]
    public void NoReclaimer(Exception exception) =>
        Warning(exception, static exception => $"No thread for reclaiming: {MessageOf(exception)}");

    /// <summary>References were killed; how long it took until no get of a live reference succeeded.</summary>
    [Event(6, Level = EventLevel.Verbose, Message = "{0} references killed in {1} microseconds")]
    public void Killed(int count, double microseconds)
    {
        Write(EventLevel.Verbose, (count, microseconds), &Event);
        static void Event(PercpuEventSource log, (int Count, double Microseconds) of) => log.WriteEvent(6, of.Count, of.Microseconds);
    }

    /// <summary>The last count of a reference was put.</summary>
    [Event(7, Level = EventLevel.Verbose, Message = "Reference released")]
    public void Released()
    {
        Write(EventLevel.Verbose, 7, &Event);
        static void Event(PercpuEventSource log, int id) => log.WriteEvent(id);
    }

    /// <summary>A mode switch overtook a get or put.</summary>
    [Event(8, Level = EventLevel.Verbose, Message = "A mode switch overtook a get or put")]
    public void Straggler()
    {
        Write(EventLevel.Verbose, 8, &Event);
        static void Event(PercpuEventSource log, int id) => log.WriteEvent(id);
    }

    /// <summary>A teardown or freeze waits for references that nobody puts.</summary>
    [NonEvent]
    public void StalledRelease<TState>(string waiter, long references, long milliseconds, TState state, Func<TState, string> describeHolders)
    {
        PercpuMeter.StalledRelease();
        Write(EventLevel.Warning, (waiter, references, milliseconds, state, describeHolders), &Event);
        static void Event(PercpuEventSource log, (string Waiter, long References, long Milliseconds, TState State, Func<TState, string> Holders) it) =>
            log.StalledRelease(it.Waiter, it.References, it.Milliseconds, it.Holders(it.State));
    }

    /// <summary>A reference was dropped while it was live, or killed and still held: nobody can put what is left.</summary>
    [Event(10, Level = EventLevel.Warning, Message = "A PercpuRef was dropped while {0}, with {1} references that nobody can put any more: its release callback will never run")]
    public void ReferenceDropped(string state, long references)
    {
        PercpuMeter.Dropped();
        Write(EventLevel.Warning, (state, references), &Event);
        static void Event(PercpuEventSource log, (string State, long References) of) => log.WriteEvent(10, of.State, of.References);
    }

    /// <summary>The kind of stripes of this process was chosen: thread or cpu. Written again for whoever listens later.</summary>
    [Event(12, Level = EventLevel.Informational, Message = "{1}")]
    public void StripesChosen(string kind, string reason)
    {
        _stripes = (kind, reason);
        Write(EventLevel.Informational, (kind, reason), &Event);
        static void Event(PercpuEventSource log, (string Kind, string Reason) of) => log.WriteEvent(12, of.Kind, of.Reason);
    }

    /// <inheritdoc/>
    protected override void OnEventCommand(EventCommandEventArgs command)
    {
        if (command.Command == EventCommand.Enable && _stripes is var (kind, reason))
            StripesChosen(kind, reason);
    }

    /// <summary>Writes an event if anybody listens. The one guard of all events.</summary>
    /// <param name="level">The event's level.</param>
    /// <param name="state">What <paramref name="write"/> needs.</param>
    /// <param name="write">Writes. What it throws is a listener's, a stranger's, or for want of memory. No delegate: that would be an
    /// allocation outside the guard, also for nobody.</param>
    [NonEvent]
    private void Write<TState>(EventLevel level, TState state, delegate*<PercpuEventSource, TState, void> write)
    {
        try
        {
            if (IsEnabled(level, EventKeywords.None))
                write(this, state);
        }
        catch (Exception exception)
        {
            Waiter.Postpone(exception);
        }
    }

    [Event(2, Level = EventLevel.Warning, Message = "{0} callback threw {1}: {2}")]
    private void CallbackFailed(string callback, string exceptionType, string message) =>
        WriteEvent(2, callback, exceptionType, message);

    [Event(9, Level = EventLevel.Warning, Message = "{0} has waited {2} ms for {1} references{3}")]
    private void StalledRelease(string waiter, long references, long milliseconds, string holders) =>
        WriteEvent(9, waiter, references, milliseconds, holders);

    // A message is the stranger's code. Its other texts, ToString and StackTrace, are not asked for at all.
    [NonEvent]
    private static string MessageOf(Exception exception)
    {
        try
        {
            return exception.Message;
        }
        catch (Exception second)
        {
            Waiter.Postpone(second);
            return $"(its message threw {second.GetType().Name})";
        }
    }
}
