using System.Runtime.CompilerServices;
using Percpu.Interleavings.Model;

namespace Percpu.Interleavings;

/// <summary>Where one thread sleeps until another wakes it: a permit that is there or not. Thread-safe.</summary>
public sealed unsafe class Parker
{
    private readonly object _gate = new();
    private bool _permit;
    private long _word;

    /// <summary>Takes the permit, and sleeps until there is one.</summary>
    /// <param name="millisecondsTimeout">How long at most; <see cref="Timeout.Infinite"/> for ever. In an execution time passes when no thread can do anything else.</param>
    /// <param name="member">The compiler's to fill in.</param>
    /// <param name="line">The compiler's to fill in.</param>
    /// <returns>False if the time is over, and no permit was taken.</returns>
    public bool Park(int millisecondsTimeout = Timeout.Infinite, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(millisecondsTimeout, Timeout.Infinite);
        if (!ExploringSwitch.IsOn)
            return ParkOutside(millisecondsTimeout);
        var source = new Source(member, line);
        long* word = ExploredWord.Locate(ref _word, source, out ModelThread? thread);
        if (thread is null)
            return ParkOutside(millisecondsTimeout);
        while (thread.Execution.Exchange(thread, word, 0, source) == 0)
        {
            if (millisecondsTimeout == 0)
                return false;
            thread.Execution.Park(thread, word, 0, millisecondsTimeout, source, interruptible: false);
            if (millisecondsTimeout > 0)
                millisecondsTimeout = 0; // Woken or too late: one more look.
        }
        return true;
    }

    /// <summary>Makes sure that there is a permit, and wakes who sleeps for it.</summary>
    public void Unpark([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        var source = new Source(member, line);
        ModelThread? thread = null;
        long* word = ExploringSwitch.IsOn ? ExploredWord.Locate(ref _word, source, out thread) : null;
        if (thread is not null)
        {
            thread.Execution.Exchange(thread, word, 1, source);
            thread.Execution.WakeAll(thread, word, source);
            return;
        }
        lock (_gate)
        {
            _permit = true;
            Monitor.Pulse(_gate);
        }
    }

    private bool ParkOutside(int millisecondsTimeout)
    {
        long until = Environment.TickCount64 + millisecondsTimeout;
        lock (_gate)
        {
            while (!_permit)
            {
                long left = millisecondsTimeout < 0 ? Timeout.Infinite : Math.Max(0, until - Environment.TickCount64);
                if (!Monitor.Wait(_gate, (int)left) && !_permit)
                    return false;
            }
            _permit = false;
            return true;
        }
    }
}
