using Percpu.Interleavings.Model;

namespace Percpu.Interleavings;

/// <summary>What a loop calls that waits for another thread to change a word it reads. One for each such wait.</summary>
public struct Spinner
{
    private SpinWait _wait;

    /// <summary>Lets others run. In an execution the thread goes on when another has changed a word that it has read since its last pause.</summary>
    public void Pause()
    {
        if (ExploringSwitch.IsOn && ModelThread.CurrentOrNone is { } thread)
            thread.Execution.Pause(thread, interruptible: false);
        else
            _wait.SpinOnce();
    }
}
