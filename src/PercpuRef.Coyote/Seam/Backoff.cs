using System.Runtime.CompilerServices;
using Percpu.Testing;

namespace Percpu.Memory;

/// <summary>The seam over Coyote: a loop that polls goes on when another thread has changed a word or has ended, not before.</summary>
internal struct Backoff
{
    private bool _hasLooked;
    private long _seen;
    private int _ended;

    internal void Pause([CallerMemberName] string member = "", [CallerLineNumber] int line = 0) => Pause(default, member, line);

    internal void Pause(CancellationToken cancellationToken, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        TestThread thread = Control.Point(member, line);
        Iteration iteration = thread.Iteration;
        if (!iteration.IsControlled)
        {
            Thread.Sleep(0);
            return;
        }
        if (_hasLooked)
        {
            (long seen, int ended) = (_seen, _ended);
            Control.Wait(thread, () => iteration.Changes - thread.Changes != seen || iteration.Ended != ended || cancellationToken.IsCancellationRequested,
                "another thread to change what it polls, such as a reader to leave");
        }
        // The caller looks at everything again now: what changes from here on it has not seen.
        (_hasLooked, _seen, _ended) = (true, iteration.Changes - thread.Changes, iteration.Ended);
    }
}
