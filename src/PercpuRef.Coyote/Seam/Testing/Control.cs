using Microsoft.Coyote.Runtime;
using Controlled = Microsoft.Coyote.Rewriting.Types.Threading.Tasks.Task;

namespace Percpu.Testing;

/// <summary>Scheduling points and waits.</summary>
internal static class Control
{
    /// <summary>Lets Coyote choose who goes on.</summary>
    internal static TestThread Point(string member, int line)
    {
        TestThread thread = TestThread.Current;
        thread.Last = new Place(member, line);
        if (thread.Quiet == 0)
            SchedulingPoint.Interleave();
        return thread;
    }

    /// <summary>Waits until a condition holds, which is looked at without any step; or until a time-out, which under Coyote is its
    /// choice, but comes at the latest when nothing else can happen.</summary>
    /// <returns>False: time-out.</returns>
    internal static bool Wait(TestThread thread, Func<bool> condition, string what, int millisecondsTimeout = Timeout.Infinite)
    {
        if (condition())
            return true;
        if (millisecondsTimeout == 0)
            return false;
        if (!thread.Iteration.IsControlled)
            return SpinWait.SpinUntil(condition, millisecondsTimeout);
        Task? timeOut = millisecondsTimeout == Timeout.Infinite ? null : Controlled.Delay(millisecondsTimeout);
        Func<bool> either = timeOut is null ? condition : () => condition() || timeOut.IsCompleted;
        thread.WaitsFor = what;
        bool goesOn = false;
        try
        {
            Operation.PauseUntil(either);
            goesOn = either();
        }
        finally
        {
            if (!goesOn)
                thread.Iteration.CutsOff(thread); // Coyote has given the iteration up, mostly by an exception.
        }
        if (!goesOn)
            throw new ThreadInterruptedException();
        thread.WaitsFor = null;
        return condition();
    }
}
