using Percpu.Interleavings.Model;
using Percpu.Memory;

namespace Percpu.Interleavings.Running;

/// <summary>What a scenario builds its story from.</summary>
internal sealed unsafe class Stage(Execution execution, int variant)
{
    private readonly List<Action> _finally = [];
    private readonly List<Action> _cleanUps = [];

    internal Execution Execution => execution;

    /// <summary>Which of the scenario's variants this is, from 0.</summary>
    internal int Variant => variant;

    internal Collector Collector => execution.Collector;

    internal int ProcessWideFences => execution.ProcessWideFences;

    /// <summary>A thread that counts for the first time during the story.</summary>
    internal ModelThread NewThread(string name, Action body, ModelThread? after = null) => execution.AddThread(name, body, after);

    /// <summary>A thread that has counted before: its stripe area is there.</summary>
    internal ModelThread Thread(string name, Action body)
    {
        ModelThread thread = execution.AddThread(name, body);
        Execution.RunAs(thread, static () =>
        {
            if (!PerProcess.Stripes.TryAttachThread())
                throw new InvalidOperationException("No stripe area.");
        });
        return thread;
    }

    /// <summary>A thread for the library to start, should it want one.</summary>
    internal void SpareThread(string name) => execution.AddThread(name, body: null);

    /// <summary>Something to check when all threads have ended.</summary>
    internal void Finally(Action check) => _finally.Add(check);

    /// <summary>Something to do after the execution, whatever it came to: nothing that is checked.</summary>
    internal void CleanUp(Action action) => _cleanUps.Add(action);

    /// <summary>Interrupts another thread of the story, as a step of the calling one.</summary>
    internal void Interrupt(ModelThread target) => execution.Interrupt(ModelThread.Current, target);

    internal Signal Signal(string name) => new(execution, name);

    internal Ghost Ghost(string name) => new(execution, name);

    /// <summary>A word of memory of the scenario's own.</summary>
    internal long* Word(string name)
    {
        long* word = (long*)execution.Heap.Allocate(sizeof(long));
        execution.Names.Add(((long)word, name));
        return word;
    }

    internal T Named<T>(T thing, string name) where T : class
    {
        execution.Names.Add((thing, name));
        return thing;
    }

    /// <summary>An epoch domain of this execution. Its words are named "epoch".</summary>
    internal EpochDomain Domain(bool background = false) =>
        Named(new EpochDomain(new EpochDomainOptions { BackgroundReclaim = background }), "epoch");

    /// <summary>Stops a thread before its step of this number until the signal; see the invariants on never waiting.</summary>
    internal static void Stop(ModelThread thread, int step, Signal until)
    {
        thread.StopsAt = step;
        thread.StopsUntil = until;
    }

    internal void Check(bool holds, string otherwise)
    {
        if (!holds)
            execution.Fail(Violation.Check, otherwise);
    }

    /// <summary>Reads a word as a reader does that does not wait for the value: at a time when the machine likes, but before
    /// what is released after it.</summary>
    internal void Use(long* word, Func<long, bool> holds, string otherwise) =>
        execution.LoadLate(ModelThread.Current, word, holds, otherwise, new Source("Use", 0));

    /// <summary>Runs code that must throw.</summary>
    internal void Throws<TException>(Action action, string otherwise) where TException : Exception
    {
        try
        {
            action();
        }
        catch (TException)
        {
            return;
        }
        Check(false, otherwise);
    }

    internal void RunFinalChecks()
    {
        foreach (Action check in _finally)
            check();
    }

    internal void RunCleanUps()
    {
        foreach (Action action in _cleanUps)
            action();
    }
}
