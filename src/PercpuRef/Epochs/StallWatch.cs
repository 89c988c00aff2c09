using Percpu.Memory;

namespace Percpu;

/// <summary>Reports the reader that a wait hangs on: after a given time, and again each time the wait has doubled.</summary>
internal struct StallWatch(long milliseconds)
{
    private readonly long _started = Environment.TickCount64;
    private long _reportAfter = milliseconds;

    /// <summary>A watch that never reports.</summary>
    internal static StallWatch Silent => new(long.MaxValue);

    internal void Report(ThreadIdentity reader)
    {
        long waited = Environment.TickCount64 - _started;
        if (waited < _reportAfter)
            return;
        _reportAfter = waited * 2;
        PercpuEventSource.Log.StalledReader(reader.Id, reader.Name, waited);
    }
}
