using Percpu.Memory;

namespace Percpu;

/// <summary>Reports the reader that a wait hangs on: after a given time, and again each time the wait has doubled.</summary>
/// <remarks>Noting and reporting are apart, because a report is an event, whose listeners are user code: it is written under
/// no lock.</remarks>
internal struct StallWatch(long milliseconds)
{
    private readonly long _started = Environment.TickCount64;
    private long _reportAfter = milliseconds;
    private ThreadIdentity _reader;
    private long _due; // Milliseconds to report; 0 for nothing.

    /// <summary>A watch that never reports.</summary>
    internal static StallWatch Silent => new(long.MaxValue);

    internal void Note(ThreadIdentity reader)
    {
        long waited = Environment.TickCount64 - _started;
        if (waited < _reportAfter)
            return;
        _reportAfter = waited * 2;
        _reader = reader;
        _due = waited;
    }

    /// <summary>Takes what is to be reported, for a copy to report.</summary>
    internal StallWatch Take()
    {
        StallWatch taken = this;
        _due = 0;
        _reader = default;
        return taken;
    }

    /// <summary>Writes the event, if one is due.</summary>
    internal void Report()
    {
        if (_due == 0)
            return;
        PercpuEventSource.Log.StalledReader(_reader.Id, _reader.Name, _due);
        _due = 0;
    }
}
