using Percpu.Interleavings.Exploration;

namespace Percpu.Interleavings.Model;

/// <summary>
/// One run of a scenario: a process of its own, whose threads run one at a time and stop before every access to shared
/// memory, where a <see cref="Search"/> chooses who goes on. The object serves many runs, one after the other.
/// </summary>
/// <remarks>
/// The thread that explores is also model thread 0; the others are kept from run to run. Whoever runs asks the search
/// itself, so that a thread which goes on costs no hand-over, and steps of the hardware (a store reaching memory, an
/// acknowledged fence) are done by whoever runs.
/// </remarks>
internal sealed unsafe partial class Execution : IDisposable
{
    /// <summary>Threads, store buffers and acknowledgements of every pair must fit into 64 bits.</summary>
    internal const int MaxThreads = 5;

    private readonly List<ModelThread> _threads = [];
    private readonly ModelThread _setUp;
    private readonly int[] _keys = new int[16];
    private readonly Dictionary<Type, int> _types = [];
    private Search _search = null!;
    private int _stepBound;
    private bool _running;
    private bool _abandoned;
    private NotReproducibleException? _failure;
    private volatile bool _closing;
    private OneProcessor? _processor;

    internal Execution()
    {
        _setUp = new ModelThread(this, -1);
        Collector = new Collector(this);
    }

    internal MemoryModel Model { get; private set; } = MemoryModel.Sequential;

    internal WordTable Words { get; } = new();

    internal ModelHeap Heap { get; } = new();

    internal Collector Collector { get; }

    /// <summary>What the checked code keeps for each process, of which an execution is one.</summary>
    internal CheckedState? State { get; set; }

    internal int ThreadCount { get; private set; }

    internal Processes Processes => new(ThreadCount, Model.Lanes, Model.EarlyLoads);

    internal Violation? Violation { get; private set; }

    /// <summary>How many process-wide fences were executed.</summary>
    internal int ProcessWideFences { get; private set; }

    /// <summary>Names that scenarios gave to words and references; looked at only when a trace is printed.</summary>
    internal List<(object Thing, string Name)> Names { get; } = [];

    /// <summary>Names of the checker's own words, by key.</summary>
    internal Dictionary<long, string> GhostNames { get; } = [];

    internal ModelThread Thread(int id) => _threads[id];

    /// <summary>A fresh process with empty memory, in which set-up code may run.</summary>
    internal void Reset(MemoryModel model)
    {
        ZeroTouched();
        Words.StartExecution();
        Handles.StartExecution();
        Heap.Clear();
        ForgetObjects();
        _writes.Clear();
        _progress++;
        Collector.Clear();
        Names.Clear();
        GhostNames.Clear();
        Array.Clear(_keys);
        Model = model;
        ThreadCount = 0;
        Violation = _interference;
        ProcessWideFences = 0;
        FailingAllocation = 0;
        _allocations = 0;
        State?.Reset();
        Array.Clear(_occupants);
        Array.Clear(_areas);
        _stepCount = 0;
        _accessCount = 0;
        _running = false;
        _abandoned = _interference is not null;
        _failure = null;
        _setUp.Reset("set-up", null, null);
        ModelThread.Current = _setUp;
    }

    internal ModelThread AddThread(string name, Action? body, ModelThread? after = null)
    {
        if (ThreadCount == MaxThreads)
            throw new InvalidOperationException($"An execution has at most {MaxThreads} threads.");
        if (ThreadCount == _threads.Count)
            _threads.Add(new ModelThread(this, ThreadCount));
        ModelThread thread = _threads[ThreadCount++];
        thread.Reset(name, body, after);
        return thread;
    }

    /// <summary>Lets set-up code run as if on a model thread: what it counts lands in that thread's stripes.</summary>
    internal static void RunAs(ModelThread thread, Action action)
    {
        ModelThread before = ModelThread.Current;
        ModelThread.Current = thread;
        action();
        ModelThread.Current = before;
    }

    /// <summary>Runs all threads to their ends, or until something goes wrong.</summary>
    internal void Run(Search search, int stepBound)
    {
        if (ThreadCount == 0)
            return;
        _search = search;
        _stepBound = stepBound;
        _running = true;
        _processor ??= OneProcessor.Claim();
        while (_osThreads.Count < ThreadCount - 1)
            StartOsThread(_threads[_osThreads.Count + 1]);
        ModelThread first = _threads[0];
        int chosen = Next();
        if (!_abandoned)
        {
            if (chosen != 0)
            {
                _threads[chosen].Baton.Give();
                first.Baton.Take();
            }
            // Woken without having been started: everything ended before this thread's first step.
            if (first.Started && !RunBody(first))
                first.Baton.Take();
        }
        _running = false;
        ModelThread.Current = _setUp;
        if (_failure is not null)
            throw _failure;
    }

    /// <summary>Reports what went wrong, once, and leaves the execution.</summary>
    internal void Fail(string kind, string message)
    {
        Violation ??= new Violation(kind, message);
        _abandoned = true;
        ModelThread.Current.Unwinding = true;
        throw ExecutionAbandonedException.Instance;
    }

    /// <summary>Reports what went wrong where nothing runs that could be left.</summary>
    internal void Fails(string kind, string message) => Violation ??= new Violation(kind, message);

    /// <summary>A number for something that is not a word of memory. Counted anew in every execution.</summary>
    internal long NewKey(KeySpace space, string? name = null)
    {
        long key = WordTable.Key(space, _keys[(int)space]++);
        if (name is not null)
            GhostNames[key] = name;
        return key;
    }

    public void Dispose()
    {
        ModelThread.Leave(this);
        Handles.Close();
        _closing = true;
        foreach (Thread thread in _osThreads)
            _threads[_osThreads.IndexOf(thread) + 1].Baton.Give();
        foreach (Thread thread in _osThreads)
            thread.Join();
        _processor?.Release();
        State?.Reset();
        ZeroTouched();
        Heap.Retire();
    }

    private void ZeroTouched()
    {
        foreach (int word in Words.Touched)
        {
            long key = Words.KeyOf(word);
            if (key > 0 && (key & 7) == 0)
                ModelHeap.Zero(key);
        }
    }
}
