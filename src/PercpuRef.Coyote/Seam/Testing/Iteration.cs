using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Coyote.Runtime;
using Microsoft.Coyote.Specifications;
using Percpu.Memory;

namespace Percpu.Testing;

/// <summary>
/// One iteration of a test under Coyote: for the library a process of its own, with stripes, domains and memory that no other
/// iteration sees. Threads outside every test share one more, in which everything works as in the shipped assembly.
/// </summary>
internal sealed class Iteration
{
    private static readonly ConditionalWeakTable<ICoyoteRuntime, Iteration> All = [];
    private static readonly HashSet<string> s_cutOff = [];

    private readonly object _lock = new();
    private readonly ICoyoteRuntime _runtime;
    private readonly List<TestThread> _threads = [];
    private StripeSet? _stripes;
    private EpochDomain? _domain;
    private long _changes;
    private bool _hasFailed;

    private Iteration(ICoyoteRuntime runtime)
    {
        Finalization.Learn();
        _runtime = runtime;
        IsControlled = Operation.GetNextId() is not null;
        if (IsControlled)
            runtime.OnFailure += Explain;
    }

    ~Iteration() => Blocks.GiveBack();

    internal static IReadOnlyList<string> CutOff
    {
        get
        {
            lock (s_cutOff)
                return [.. s_cutOff];
        }
    }

    /// <summary>Whether Coyote schedules the threads.</summary>
    internal bool IsControlled { get; }

    internal Blocks Blocks { get; } = new();

    internal StripeSet Stripes => Make(ref _stripes, static () => new StripeSet(StripeKind.Thread));

    internal EpochDomain Domain => Make(ref _domain, static () => new EpochDomain());

    /// <summary>Changes of shared words by all threads.</summary>
    internal long Changes => Volatile.Read(ref _changes);

    /// <summary>How many threads have ended.</summary>
    internal int Ended
    {
        get
        {
            lock (_lock)
                return _threads.Count(static thread => !thread.IsAlive);
        }
    }

    /// <summary>The iteration of the calling thread: Coyote has one runtime for each.</summary>
    internal static Iteration OfThisThread() => All.GetValue(RuntimeProvider.Current, static runtime => new Iteration(runtime));

    internal int Register(TestThread thread)
    {
        lock (_lock)
        {
            _threads.Add(thread);
            return _threads.Count;
        }
    }

    internal void Changed(TestThread by)
    {
        Interlocked.Increment(ref _changes);
        by.Changes++;
    }

    /// <summary>Reports what a test did wrong, and leaves the caller.</summary>
    internal Exception Fail(string message)
    {
        if (IsControlled)
            Specification.Assert(false, "{0}", $"{message}\n{new System.Diagnostics.StackTrace(skipFrames: 2, fNeedFileInfo: true)}");
        return new InvalidOperationException(message);
    }

    /// <summary>Notes a wait that Coyote gives up, unless it does so since the test has failed.</summary>
    internal void CutsOff(TestThread thread)
    {
        if (Volatile.Read(ref _hasFailed))
            return;
        string text = $"{thread.Name} waits for {thread.WaitsFor} (in {thread.Last}), and the test has ended without it: await every task.";
        lock (s_cutOff)
        {
            if (!s_cutOff.Add(text))
                return;
        }
        _runtime.Logger.WriteLine($"PercpuRef: {text}");
    }

    /// <summary>Fails if memory was written after it had been freed.</summary>
    internal void CheckFreedMemory()
    {
        if (Blocks.FindSpoilt() is { } block)
            throw Fail($"Memory was written after the library had freed it, {block.End - block.Start} bytes at 0x{block.Start:x}. It was freed\n{block.Freed}");
    }

    // One thread of a process makes what all share, and no test is about that.
    private T Make<T>(ref T? field, Func<T> create) where T : class
    {
        if (field is { } made)
            return made;
        TestThread thread = TestThread.Current;
        thread.Quiet++;
        try
        {
            lock (_lock)
                return field ??= create();
        }
        finally
        {
            thread.Quiet--;
        }
    }

    /// <summary>When Coyote has found that nothing can go on, or that something does not end: who waits for what, and where.</summary>
    private void Explain(Exception failure)
    {
        Volatile.Write(ref _hasFailed, true);
        if (!failure.Message.Contains("eadlock", StringComparison.Ordinal) && !failure.Message.Contains("steps bound", StringComparison.Ordinal))
            return;
        var text = new StringBuilder("\nPercpuRef:");
        lock (_lock)
        {
            foreach (TestThread thread in _threads)
            {
                if (!thread.IsAlive && thread.Holdings.Any)
                    text.Append($"\n  {thread.Name} has ended");
                else if (thread.WaitsFor is { } wait)
                    text.Append($"\n  {thread.Name} waits for {wait} (in {thread.Last})");
                else if (thread.IsAlive)
                    text.Append($"\n  {thread.Name} does not wait in the library; it was there last in {thread.Last}. If nothing goes on, it spins or blocks outside: use what Coyote controls, or SchedulingPoint.Yield() in a loop.");
                thread.Holdings.Describe(text);
            }
        }
        Operations.AddToReport(_runtime, text.ToString());
        _runtime.Logger.WriteLine(text.ToString());
    }
}
