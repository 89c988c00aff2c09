using System.Runtime.CompilerServices;

namespace Percpu.Interleavings.Model;

// Runs under another scheduler. What a step does, when it is possible, and the record of it stay ours.
internal sealed unsafe partial class Execution
{
    private Conductor? _conductor;

    /// <summary>Whether the other scheduler gave the run up before all threads had ended.</summary>
    internal bool WasGivenUp { get; private set; }

    /// <summary>What every thread was waiting for then.</summary>
    internal string WaitsWhenGivenUp { get; private set; } = "";

    /// <summary>Runs all threads to their ends, or until something goes wrong, under another scheduler.</summary>
    internal void Run(Conductor conductor, int stepBound)
    {
        if (Model != MemoryModel.Sequential)
            throw new InvalidOperationException("Only our own scheduler knows another memory model than the sequentially consistent one.");
        _conductor = conductor;
        _stepBound = stepBound;
        WasGivenUp = false;
        _running = true;
        try
        {
            conductor.RunThreads(this);
        }
        finally
        {
            _running = false;
            _conductor = null;
            ModelThread.Current = _setUp;
        }
    }

    /// <summary>The whole life of a thread, from its first step to its last.</summary>
    internal void RunThread(ModelThread thread)
    {
        ModelThread.Current = thread;
        AwaitConductor(thread);
        if (_abandoned || thread.Body is null)
            thread.Ended = true;
        else
            RunBody(thread);
    }

    /// <summary>
    /// Whether the thread can make its next step, or is to leave: then, too, if it is a spare one that nobody can start
    /// any more. Looks at memory without a step, as a condition that a scheduler polls must; lets time pass when nobody
    /// else can do anything.
    /// </summary>
    internal bool CanGoOn(ModelThread thread) =>
        _abandoned || IsEnabled(thread) || (Enabled() == 0 && LetTimePass() && IsEnabled(thread)) || (thread.Body is null && AllEnded());

    /// <summary>Whether nobody but this thread could make a step now: there is nothing to choose.</summary>
    internal bool IsAlone(ModelThread thread) => Enabled() == 1UL << thread.Id;

    /// <summary>Makes every thread leave at its next step.</summary>
    internal void GiveUp()
    {
        WasGivenUp = true;
        if (_abandoned)
            return;
        _abandoned = true;
        WaitsWhenGivenUp = DescribeWaits();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AwaitConductor(ModelThread thread)
    {
        _conductor!.Await(thread);
        if (_abandoned || thread.Body is null)
            return;
        if (_stepCount >= _stepBound)
        {
            AbandonEndless();
            return;
        }
        AddStep(thread.Id);
        LastThread = thread.Id;
        thread.Started = true;
    }
}
