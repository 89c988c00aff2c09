using Percpu.Interleavings.Model;

namespace Percpu.Interleavings;

/// <summary>What a scenario builds its story from. Only for the code of that execution.</summary>
public sealed unsafe class Stage
{
    private readonly Execution _execution;
    private readonly List<Action> _finally = [];
    private readonly List<Action> _cleanUps = [];

    internal Stage(Execution execution, int variant)
    {
        _execution = execution;
        Variant = variant;
    }

    internal Execution Execution => _execution;

    /// <summary>Which of the scenario's variants this is, from 0.</summary>
    public int Variant { get; }

    internal Collector Collector => _execution.Collector;

    internal int ProcessWideFences => _execution.ProcessWideFences;

    /// <summary>Adds a thread.</summary>
    /// <param name="name">For messages and the told steps.</param>
    /// <param name="body">What it does. It may only wait by the words, locks and parks of this package.</param>
    /// <param name="after">A thread that must have ended before this one starts; null for none.</param>
    /// <exception cref="InvalidOperationException">There are five threads already.</exception>
    public ModelThread NewThread(string name, Action body, ModelThread? after = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(body);
        return _execution.AddThread(name, body, after);
    }

    /// <summary>A thread for the library to start, should it want one.</summary>
    internal void SpareThread(string name) => _execution.AddThread(name, body: null);

    /// <summary>Adds something to check when all threads have ended.</summary>
    public void Finally(Action check)
    {
        ArgumentNullException.ThrowIfNull(check);
        _finally.Add(check);
    }

    /// <summary>Something to do after the execution, whatever it came to: nothing that is checked.</summary>
    internal void CleanUp(Action action) => _cleanUps.Add(action);

    /// <summary>Interrupts another thread of the story, as a step of the calling one.</summary>
    internal void Interrupt(ModelThread target) => _execution.Interrupt(ModelThread.Current, target);

    internal Signal Signal(string name) => new(_execution, name);

    internal Ghost Ghost(string name) => new(_execution, name);

    /// <summary>A word of memory of the scenario's own.</summary>
    internal long* Word(string name)
    {
        long* word = (long*)_execution.Heap.Allocate(sizeof(long));
        _execution.Names.Add(((long)word, name));
        return word;
    }

    /// <summary>Names a word for messages and the told steps.</summary>
    public void Name(ref AtomicLong word, string name) => _execution.Names.Add(((long)word.Locate(_execution), name));

    /// <summary>Names a reference for messages and the told steps.</summary>
    public void Name<T>(ref AtomicReference<T> word, string name)
        where T : class => _execution.Names.Add(((long)word.Locate(_execution), name));

    /// <summary>Names a word of <see cref="NativeWord"/> for messages and the told steps.</summary>
    public void Name(long* word, string name) => _execution.Names.Add(((long)word, name));

    internal T Named<T>(T thing, string name) where T : class
    {
        _execution.Names.Add((thing, name));
        return thing;
    }

    /// <summary>Stops a thread before its step of this number until the signal; see the invariants on never waiting.</summary>
    internal static void Stop(ModelThread thread, int step, Signal until)
    {
        thread.StopsAt = step;
        thread.StopsUntil = until;
    }

    internal void Check(bool holds, string otherwise)
    {
        if (!holds)
            _execution.Fail(Violation.Check, otherwise);
    }

    /// <summary>Reads a word as a reader does that does not wait for the value: at a time when the machine likes, but before
    /// what is released after it.</summary>
    internal void Use(long* word, Func<long, bool> holds, string otherwise) =>
        _execution.LoadLate(ModelThread.Current, word, holds, otherwise, new Source("Use", 0));

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
