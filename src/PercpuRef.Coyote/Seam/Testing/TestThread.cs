using Percpu.Memory;

namespace Percpu.Testing;

/// <summary>What the library keeps for one thread in one iteration. Coyote runs every operation on a thread of its own.</summary>
internal sealed class TestThread
{
    [ThreadStatic]
    private static TestThread? s_current;

    private readonly object? _operation;
    private readonly Thread _thread = Thread.CurrentThread;

    private TestThread(Iteration iteration)
    {
        Iteration = iteration;
        _operation = iteration.IsControlled ? Operations.Current : null;
        Number = iteration.Register(this);
    }

    internal static TestThread Current
    {
        get
        {
            Iteration iteration = Iteration.OfThisThread();
            if (s_current is { } state && state.Iteration == iteration)
                return state;
            return s_current = new TestThread(iteration);
        }
    }

    internal Iteration Iteration { get; }

    /// <summary>From 1, in the order in which the threads of an iteration came to use the library.</summary>
    internal int Number { get; }

    internal string Name => _operation is not null ? Operations.NameOf(_operation) : $"thread {_thread.ManagedThreadId}";

    internal bool IsAlive => _operation is not null ? !Operations.HasCompleted(_operation) : _thread.IsAlive;

    internal PerThreadState Library { get; } = new();

    /// <summary>What the thread has taken and not put back.</summary>
    internal Holdings Holdings { get; } = new();

    /// <summary>Changes of shared words by this thread.</summary>
    internal long Changes { get; set; }

    /// <summary>While positive, nothing is a scheduling point: what the thread does is no concern of the test.</summary>
    internal int Quiet { get; set; }

    /// <summary>Whether the thread has announced something, and has not looked yet whether that was in time.</summary>
    internal bool HasAnnounced { get; set; }

    /// <summary>What the thread did last in the library.</summary>
    internal Place Last { get; set; }

    /// <summary>What the thread waits for, in words; null while it does not.</summary>
    internal string? WaitsFor { get; set; }
}
