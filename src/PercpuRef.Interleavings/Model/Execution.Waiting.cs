namespace Percpu.Interleavings.Model;

// Sleeping, and the beginning and end of threads.
internal sealed unsafe partial class Execution
{
    internal void Park(ModelThread thread, long* word, long expected, int milliseconds, Source source, bool interruptible = true)
    {
        Point(thread, StepKind.Park, source);
        int number = Touch((long)word);
        Access(number, writes: false);
        Access(TouchKey((long)word + 1), writes: true);
        Note(number, *word);
        if (*word != expected)
            return;
        thread.WokenBy = -1;
        thread.MayTimeOut = milliseconds >= 0;
        thread.MayBeInterrupted = interruptible;
        Point(thread, StepKind.Unpark, source, (long)word);
        if (IsMet(thread))
            Access(TouchKey((long)word + 1), writes: false); // Woken or interrupted: which was first.
        EndWait(thread, over: thread.WokenBy >= 0 || thread.TimedOut);
    }

    internal void WakeAll(ModelThread thread, long* word, Source source)
    {
        Point(thread, StepKind.WakeAll, source);
        Access(TouchKey((long)word + 1), writes: true);
        Note(Touch((long)word), *word);
        for (int i = 0; i < ThreadCount; i++)
        {
            ModelThread sleeper = _threads[i];
            if (!sleeper.Ended && sleeper.Pending == StepKind.Unpark && sleeper.PendingWord == (long)word && sleeper.WokenBy < 0)
                sleeper.WokenBy = _stepCount - 1;
        }
    }

    /// <summary>Waits until another thread changes something that this one has read since it last paused.</summary>
    internal void Pause(ModelThread thread, bool interruptible = true)
    {
        if (!_running)
            Fail(Violation.Deadlock, "A loop waits where no other thread runs.");
        thread.MayBeInterrupted = interruptible;
        Point(thread, StepKind.Pause, new Source("Pause", 0));
        foreach ((int word, _) in thread.Watched)
            Access(word, writes: false);
        thread.Watched.Clear();
        EndInterruptible(thread, over: false);
    }

    /// <summary>Interrupts another thread: the next interruptible wait of it that is not over throws, or the present one.</summary>
    internal void Interrupt(ModelThread thread, ModelThread target)
    {
        Point(thread, StepKind.Interrupt, new Source($"Interrupt {target.Name}", 0));
        int number = TouchKey(WordTable.Key(KeySpace.Interrupts, target.Id));
        Access(number, writes: true);
        Note(number, 1);
        target.Interrupted = true;
        target.InterruptedBy = _stepCount - 1;
    }

    internal void Complete(ModelThread thread, long key, Source source)
    {
        Point(thread, StepKind.Complete, source);
        int number = TouchKey(key);
        Access(number, writes: true);
        Words.Change(number, thread.Id);
        Note(number, 1);
    }

    internal void LookAt(ModelThread thread, long key, Source source)
    {
        Point(thread, StepKind.LookAt, source);
        int number = TouchKey(key);
        Access(number, writes: false);
        Watch(thread, number);
        Note(number, 0);
    }

    internal bool WaitFor(ModelThread thread, long key, Task task, TimeSpan timeout, Source source, bool interruptible = true)
    {
        if (timeout == TimeSpan.Zero || !_running)
        {
            LookAt(thread, key, source);
            return task.IsCompleted;
        }
        thread.PendingTask = task;
        thread.WokenBy = -1;
        thread.MayTimeOut = timeout != Timeout.InfiniteTimeSpan;
        thread.MayBeInterrupted = interruptible;
        Point(thread, StepKind.WaitFor, source);
        int number = TouchKey(key);
        Access(number, writes: false);
        // What is waited for comes before the wait, and cannot come after it: unless an interrupt could have ended it before.
        Note(IsMet(thread) ? TouchKey(WordTable.Key(KeySpace.Interrupts, thread.Id)) : number, 0);
        EndWait(thread, over: task.IsCompleted || thread.TimedOut);
        return task.IsCompleted;
    }

    internal void SetSignal(ModelThread thread, Signal signal)
    {
        Point(thread, StepKind.Signal, new Source(signal.Name, 0));
        signal.IsSet = true;
        int number = TouchKey(signal.Key);
        Access(number, writes: true);
        Note(number, 1);
    }

    internal void AwaitSignal(ModelThread thread, Signal signal)
    {
        thread.AwaitedSignal = signal;
        Point(thread, StepKind.AwaitSignal, new Source(signal.Name, 0));
        int number = TouchKey(signal.Key);
        Access(number, writes: false);
        Note(number, 1);
    }

    internal void UseGhost(ModelThread thread, long key, bool writes)
    {
        Point(thread, StepKind.Use, new Source("Use", 0));
        int number = TouchKey(key);
        if (writes)
            CheckNotRead(thread, number);
        Access(number, writes);
        Note(number, 0);
    }

    /// <summary>As a holder uses what is held: a read, perhaps a late one.</summary>
    internal void UseGhost(ModelThread thread, long key, Ghost ghost, Func<long, bool> holds, string otherwise)
    {
        if (Model.Overtaking && _running && !_abandoned)
        {
            BeginUse(thread, key, new LateRead(() => ghost.Final, holds, otherwise), new Source("Use", 0));
            return;
        }
        UseGhost(thread, key, writes: false);
        if (!holds(ghost.Final))
            Fail(Violation.Check, otherwise);
    }

    internal bool IsAlive(ModelThread observer, ModelThread observed, Source source)
    {
        if (observed.Id < 0 || observed.Id == observer.Id)
            return true;
        Point(observer, StepKind.IsAlive, source);
        int number = TouchKey(WordTable.Key(KeySpace.Life, observed.Id));
        Access(number, writes: false);
        Watch(observer, number);
        Note(number, observed.Ended ? 0 : 1);
        return !observed.Ended;
    }

    /// <summary>Starts the first of the spare threads.</summary>
    internal void StartSpare(ModelThread thread, Action body, Source source)
    {
        Point(thread, StepKind.StartThread, source);
        Access(TouchKey(WordTable.Key(KeySpace.SpareThreads, 0)), writes: true);
        for (int i = 0; i < ThreadCount; i++)
        {
            if (_threads[i].Body is not null)
                continue;
            _threads[i].Body = body;
            _threads[i].StartedBy = _stepCount - 1;
            return;
        }
        Fail(Violation.Check, "More threads were started than the scenario has kept ready.");
    }

    private void End(ModelThread thread)
    {
        Point(thread, StepKind.End, default);
        thread.EndStep = _stepCount - 1;
        thread.Ended = true;
        int number = TouchKey(WordTable.Key(KeySpace.Life, thread.Id));
        Access(number, writes: true);
        Words.Change(number, thread.Id);
        Note(number, 0);
    }

    private void EndWait(ModelThread thread, bool over)
    {
        if (!_running || _abandoned)
            return;
        _steps[_stepCount - 1].Enabler = thread.TimedOut ? Step.EnabledByTime : IsMet(thread) ? thread.InterruptedBy : thread.WokenBy;
        thread.TimedOut = thread.MayTimeOut = false;
        EndInterruptible(thread, over);
    }

    /// <summary>Throws the interrupt that has ended a wait which was not over. As it is outside, a thread whose wait is
    /// over keeps its interrupt for the next one.</summary>
    private void EndInterruptible(ModelThread thread, bool over)
    {
        if (!_running || _abandoned || !thread.MayBeInterrupted)
            return;
        bool throws = IsMet(thread) && !over;
        thread.MayBeInterrupted = false;
        Access(TouchKey(WordTable.Key(KeySpace.Interrupts, thread.Id)), writes: throws);
        if (!throws)
            return;
        _steps[_stepCount - 1].Enabler = thread.InterruptedBy;
        thread.Interrupted = false;
        throw new ThreadInterruptedException();
    }

    private static bool IsMet(ModelThread thread) => thread.MayBeInterrupted && thread.Interrupted;

    private bool HasSeenChange(ModelThread thread)
    {
        foreach ((int word, int version) in thread.Watched)
        {
            if (Words.ChangesByOthers(word, thread.Id) != version)
                return true;
        }
        return false;
    }

    private void Watch(ModelThread thread, int number)
    {
        if (_running)
            thread.Watched.Add((number, Words.ChangesByOthers(number, thread.Id)));
    }

    private bool LetTimePass()
    {
        for (int i = 0; i < ThreadCount; i++)
        {
            ModelThread thread = _threads[i];
            if (thread.Ended || !thread.MayTimeOut || thread.TimedOut)
                continue;
            thread.TimedOut = true;
            return true;
        }
        return false;
    }
}
