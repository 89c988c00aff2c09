using System.Runtime.CompilerServices;
using Percpu.Interleavings.Exploration;

namespace Percpu.Interleavings.Model;

// Who runs next, and handing over to it.
internal sealed unsafe partial class Execution
{
    private const int Nobody = -1;

    private readonly List<Thread> _osThreads = [];

    /// <summary>The thread that made the last step, apart from the hardware's.</summary>
    internal int LastThread { get; private set; }

    internal int StepCount => _stepCount;

    /// <summary>Stops before a step until it is this thread's turn. Set-up code and final checks never stop.</summary>
    private void Point(ModelThread thread, StepKind kind, Source source, long word = 0)
    {
        if (!_running)
            return;
        if (_abandoned)
            Leave(thread, kind, word);
        else
            Await(thread, kind, source, word);
    }

    private void Await(ModelThread thread, StepKind kind, Source source, long word)
    {
        if (thread.Steps == thread.StopsAt)
        {
            thread.StopsAt = -1;
            AwaitSignal(thread, thread.StopsUntil!);
        }
        thread.Pending = kind;
        thread.PendingWord = word;
        if (_conductor is null)
            AwaitBaton(thread);
        else
            AwaitConductor(thread);
        if (_abandoned)
        {
            Leave(thread, kind, word);
            return;
        }
        thread.Steps++;
        ref Step step = ref _steps[_stepCount - 1];
        step.Kind = kind;
        step.Source = source;
        if (Model.EarlyLoads && IsBarrier(kind, thread))
            KeepLoadsBehind(thread);
    }

    private void AwaitBaton(ModelThread thread)
    {
        int next = Next();
        if (next == thread.Id || _abandoned)
            return;
        _threads[next].Baton.Give();
        thread.Baton.Take();
    }

    // Leaving runs the finally blocks of the checked source: what does not wait works on, without steps.
    private static void Leave(ModelThread thread, StepKind kind, long word)
    {
        bool waits = kind is StepKind.EndProcessWideFence or StepKind.Unpark or StepKind.Pause or StepKind.WaitFor or StepKind.AwaitSignal
            || (kind == StepKind.EnterLock && IsHeld((long*)word));
        if (thread.Unwinding && !waits)
            return;
        thread.Unwinding = true;
        throw ExecutionAbandonedException.Instance;
    }

    /// <summary>Lets the search choose until it chooses a thread. Nobody, when all have ended.</summary>
    private int Next()
    {
        while (true)
        {
            ulong enabled = Enabled();
            if (enabled == 0)
            {
                if (LetTimePass())
                    continue;
                if (!AllEnded())
                    Abandon(Violation.Deadlock, DescribeWaits());
                return Nobody;
            }
            if (_stepCount >= _stepBound)
            {
                AbandonEndless();
                return Nobody;
            }
            int process = _search.Choose(this, enabled);
            AddStep(process);
            if (process < ThreadCount)
            {
                LastThread = process;
                _threads[process].Started = true;
                return process;
            }
            RunHardware(process);
            if (_abandoned)
                return Nobody;
        }
    }

    private void Abandon(string kind, string message)
    {
        Violation ??= new Violation(kind, message);
        _abandoned = true;
    }

    private void AbandonEndless()
    {
        string where = _stepCount > 0 && _steps[_stepCount - 1].Source is { Line: > 0 } source ? $" {_threads[LastThread].Name} was at {source.Member}:{source.Line}." : "";
        Abandon(Violation.StepBound, $"More than {_stepBound} steps: does it ever end?{where} A loop that waits for another thread must pause (Spinner.Pause).");
    }

    private ulong Enabled()
    {
        ulong enabled = 0;
        for (int i = 0; i < ThreadCount; i++)
        {
            ModelThread thread = _threads[i];
            if (!thread.Ended && IsEnabled(thread))
                enabled |= 1UL << i;
        }
        return Model.Buffers ? enabled | EnabledHardware() : enabled;
    }

    private ulong EnabledHardware()
    {
        ulong enabled = 0;
        Processes processes = Processes;
        for (int i = 0; i < ThreadCount; i++)
        {
            for (int lane = 0; _threads[i].Buffer.Count > 0 && lane < processes.Lanes; lane++)
            {
                if (_threads[i].Buffer.CanLeave(lane))
                    enabled |= 1UL << processes.Lane(i, lane);
            }
            for (uint left = _threads[i].Unacknowledged; left != 0; left &= left - 1)
            {
                int target = System.Numerics.BitOperations.TrailingZeroCount(left);
                if (_threads[target].Buffer.Count == 0)
                    enabled |= 1UL << processes.Acknowledgement(i, target);
            }
        }
        return enabled;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsEnabled(ModelThread thread) => thread.Pending switch
    {
        StepKind.Load or StepKind.Store or StepKind.Buffer or StepKind.LoadReference or StepKind.IsAlive or StepKind.LookAt
            or StepKind.Use or StepKind.BeginUse or StepKind.Allocate or StepKind.Signal or StepKind.Interrupt or StepKind.EndSection or StepKind.RestartSections or StepKind.ReadFence => true,
        StepKind.BeginSection => CanBeginSection(thread),
        StepKind.End => !thread.Buffer.HasReads, // Who sees that a thread has ended sees that it has read.
        StepKind.Start => thread.Body is not null && (thread.After is null || thread.After.Ended),
        StepKind.EnterLock => thread.Buffer.Count == 0 && !IsHeld((long*)thread.PendingWord),
        StepKind.EndProcessWideFence => thread.Unacknowledged == 0,
        StepKind.Unpark => thread.WokenBy >= 0 || thread.TimedOut || IsMet(thread),
        StepKind.Pause => HasSeenChange(thread) || IsMet(thread),
        StepKind.WaitFor => thread.Buffer.Count == 0 && (thread.PendingTask!.IsCompleted || thread.TimedOut || IsMet(thread)),
        StepKind.AwaitSignal => thread.AwaitedSignal!.IsSet,
        _ => thread.Buffer.Count == 0, // Whatever is interlocked.
    };

    private bool AllEnded()
    {
        for (int i = 0; i < ThreadCount; i++)
        {
            if (!_threads[i].Ended && _threads[i].Body is not null)
                return false;
        }
        return true;
    }

    /// <summary>Runs a thread to its end. True if it was the last.</summary>
    private bool RunBody(ModelThread thread)
    {
        ModelThread.Current = thread;
        try
        {
            _steps[_stepCount - 1].Enabler = thread.After?.EndStep ?? thread.StartedBy;
            thread.Body!();
            End(thread);
        }
        catch (ExecutionAbandonedException)
        {
        }
        catch (NotReproducibleException exception)
        {
            _failure = exception;
            _abandoned = true;
        }
        catch (Exception exception)
        {
            if (!thread.Unwinding)
                Abandon(Violation.Escaped, $"{thread.Name}: {exception.GetType().Name}: {exception.Message}");
        }
        thread.Ended = true;
        return _conductor is null && PassOn(thread);
    }

    private bool PassOn(ModelThread ended)
    {
        int next = _abandoned ? Nobody : Next();
        if (_abandoned)
        {
            // One after the other, so that unwinding is as single-threaded as running.
            next = _threads.FindIndex(0, ThreadCount, thread => thread.Started && !thread.Ended);
        }
        if (next != Nobody)
            _threads[next].Baton.Give();
        else if (ended.Id != 0)
            _threads[0].Baton.Give();
        return next == Nobody;
    }

    private void StartOsThread(ModelThread thread)
    {
        var osThread = new Thread(() =>
        {
            _processor?.Bind();
            while (true)
            {
                thread.Baton.Take();
                if (_closing)
                    return;
                RunBody(thread);
            }
        })
        { IsBackground = true, Name = $"model thread {thread.Id}" };
        _osThreads.Add(osThread);
        osThread.Start();
    }
}
