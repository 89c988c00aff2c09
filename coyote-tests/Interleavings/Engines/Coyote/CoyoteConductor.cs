using Microsoft.Coyote.Runtime;
using Percpu.Interleavings.Model;

namespace Percpu.Interleavings.Engines.Coyote;

/// <summary>
/// Model threads as operations of Coyote: it knows when each begins, waits and ends, and every step is a scheduling
/// point of it. All through its public interface for custom concurrency, so that nothing needs to be rewritten.
/// </summary>
/// <remarks>
/// When Coyote gives an execution up (a deadlock, a stale trace), it interrupts its threads. It knows no others than
/// the first, so the first then interrupts ours.
/// </remarks>
internal sealed class CoyoteConductor : Conductor, IDisposable
{
    // Held by the thread that leaves an execution which was given up: finally blocks of the checked source then touch
    // memory without steps, and must do it one thread after the other.
    private readonly object _leaving = new();
    private readonly List<OperationThread> _threads = [];
    private OneProcessor? _processor;
    private int _used;

    /// <summary>Coyote's own thread, on which the scenario is arranged; it runs model thread 0, too.</summary>
    private Thread? _first;

    /// <summary>To be called on Coyote's thread, before anything else of an execution.</summary>
    internal void Begin()
    {
        _first = Thread.CurrentThread;
        if (_processor is null)
            _processor = OneProcessor.Claim();
        else
            _processor.Bind();
    }

    /// <summary>To be called after an execution, elsewhere: waits until every thread of it is gone.</summary>
    internal void End()
    {
        _first?.Join();
        for (int i = 0; i < _used; i++)
            _threads[i].WaitUntilIdle();
        _used = 0;
        if (!OperationThread.CanBeReused)
            CloseThreads();
    }

    /// <summary>To be called where no execution runs.</summary>
    public void Dispose()
    {
        CloseThreads();
        _processor?.GiveBack();
    }

    private void CloseThreads()
    {
        _threads.ForEach(static thread => thread.Dispose());
        _threads.Clear();
    }

    internal override void RunThreads(Execution execution)
    {
        // Continuations of tasks belong to nobody here, as in the built-in engine.
        SynchronizationContext.SetSynchronizationContext(null);
        var operations = new ulong[execution.ThreadCount];
        for (int i = 1; i < execution.ThreadCount; i++)
            operations[i] = Start(execution, execution.Thread(i));
        try
        {
            execution.RunThread(execution.Thread(0));
            for (int i = 1; i < operations.Length; i++)
                Operation.PauseUntilCompleted(operations[i]);
        }
        catch (ThreadInterruptedException)
        {
            Leave(execution);
        }
        finally
        {
            HasLeft();
            if (execution.WasGivenUp)
                _threads.GetRange(0, _used).ForEach(Interrupt);
        }
    }

    internal override void Await(ModelThread thread)
    {
        // An operation that has just begun has waited for its turn already. A thread that is alone has it anyway.
        bool hasTurn = (thread.Pending == StepKind.Start && thread.Id != 0) || thread.Execution.IsAlone(thread);
        try
        {
            if (!hasTurn && thread.CanGoOn())
                SchedulingPoint.Interleave();
            // Returns at once where the condition holds. When a paused operation wakes, it is its turn and the condition holds.
            Operation.PauseUntil(thread.CanGoOn);
        }
        catch (ThreadInterruptedException)
        {
            Leave(thread.Execution);
        }
    }

    private ulong Start(Execution execution, ModelThread modelThread)
    {
        ulong operation = Operation.CreateNext() ?? throw new InvalidOperationException("Not under Coyote.");
        if (_used == _threads.Count)
            _threads.Add(new OperationThread(_processor));
        Operation.Start(operation);
        _threads[_used++].Run(() => RunOperation(execution, modelThread, operation));
        return operation;
    }

    private void RunOperation(Execution execution, ModelThread thread, ulong operation)
    {
        try
        {
            Operation.OnStarted(operation);
            SynchronizationContext.SetSynchronizationContext(null);
            execution.RunThread(thread);
            Operation.OnCompleted();
            Operation.ScheduleNext();
        }
        catch (ThreadInterruptedException)
        {
            Leave(execution);
        }
        finally
        {
            HasLeft();
        }
    }

    private void Leave(Execution execution)
    {
        while (!Monitor.IsEntered(_leaving))
        {
            try
            {
                Monitor.Enter(_leaving);
            }
            catch (ThreadInterruptedException)
            {
                // Interrupted already.
            }
        }
        execution.GiveUp();
    }

    // When it returns, nothing of the thread touches the execution any more.
    private static void Interrupt(OperationThread thread)
    {
        thread.Interrupt();
        thread.WaitUntilIdle();
    }

    private void HasLeft()
    {
        if (Monitor.IsEntered(_leaving))
            Monitor.Exit(_leaving);
    }
}
