using System.Diagnostics.Tracing;

namespace Percpu.Memory;

/// <summary>Warnings of the library as events of the EventSource <c>Percpu</c>.</summary>
[EventSource(Name = PerProcess.EventSourceName)]
internal sealed class PercpuEventSource : EventSource
{
    internal static readonly PercpuEventSource Log = Create();

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
        WriteEvent(1, description);
    }

    /// <summary>A callback of the user threw.</summary>
    [Event(2, Level = EventLevel.Warning, Message = "{0} callback threw {1}: {2}")]
    public void CallbackFailed(string callback, string exceptionType, string message) =>
        WriteEvent(2, callback, exceptionType, message);

    /// <summary>A callback of the user threw. Never throws itself, though the exception's message is user code too: the
    /// caller has more to do.</summary>
    [NonEvent]
    public void CallbackFailed(string callback, Exception exception)
    {
        try
        {
            string message;
            try
            {
                message = exception.Message;
            }
            catch (Exception second)
            {
                message = $"(its message threw {second.GetType().Name})";
            }
            CallbackFailed(callback, exception.GetType().Name, message);
        }
        catch (OutOfMemoryException)
        {
            // No memory for the event.
        }
    }

    /// <summary>A grace period waits for a reader that has been inside for long.</summary>
    [Event(3, Level = EventLevel.Warning, Message = "Epoch reader on thread {0} ({1}) has held up a grace period for {2} ms")]
    public void StalledReader(int threadId, string threadName, long milliseconds)
    {
        PercpuMeter.Stalled();
        WriteEvent(3, threadId, threadName, milliseconds);
    }

    /// <summary>A mapped file was dropped without dispose.</summary>
    [Event(4, Level = EventLevel.Warning, Message = "Mapped file {0} was dropped without dispose")]
    public void MappedFileDropped(string path) => WriteEvent(4, path);

    /// <summary>A native slab was dropped without dispose.</summary>
    [Event(11, Level = EventLevel.Warning, Message = "A native slab of {0} bytes was dropped without dispose")]
    public void NativeSlabDropped(long bytes) => WriteEvent(11, bytes);

    /// <summary>A condition for which the kernel would print a warning.</summary>
    [Event(5, Level = EventLevel.Warning, Message = "{0}")]
    public void Warning(string description) => WriteEvent(5, description);

    /// <summary>No thread could be started. Never throws: what the caller retired is in the list.</summary>
    [NonEvent]
    public void NoReclaimer(Exception exception)
    {
        try
        {
            Warning($"No thread for reclaiming: {exception.Message}");
        }
        catch (OutOfMemoryException)
        {
            // No memory for the event.
        }
    }

    /// <summary>References were killed; how long it took until no get of a live reference succeeded.</summary>
    [Event(6, Level = EventLevel.Verbose, Message = "{0} references killed in {1} microseconds")]
    public void Killed(int count, double microseconds)
    {
        if (IsEnabled(EventLevel.Verbose, EventKeywords.None))
            WriteEvent(6, count, microseconds);
    }

    /// <summary>The last count of a reference was put.</summary>
    [Event(7, Level = EventLevel.Verbose, Message = "Reference released")]
    public void Released()
    {
        if (IsEnabled(EventLevel.Verbose, EventKeywords.None))
            WriteEvent(7);
    }

    /// <summary>A mode switch overtook a get or put.</summary>
    [Event(8, Level = EventLevel.Verbose, Message = "A mode switch overtook a get or put")]
    public void Straggler()
    {
        if (IsEnabled(EventLevel.Verbose, EventKeywords.None))
            WriteEvent(8);
    }
}
