using Percpu.Interleavings.Model;

namespace Percpu.Interleavings;

/// <summary>A thread of a scenario, in one execution of it.</summary>
public sealed class ModelThread
{
    [ThreadStatic]
    private static ModelThread? _current;

    internal ModelThread(Execution execution, int id)
    {
        Execution = execution;
        Id = id;
    }

    /// <summary>The model thread that runs on this thread of the operating system; number -1 is the code that sets an execution up and looks at it afterwards.</summary>
    internal static ModelThread Current
    {
        get => _current ?? throw new InvalidOperationException("Checked code runs only inside an execution.");
        set => _current = value;
    }

    /// <summary>The same, or null outside every execution.</summary>
    internal static ModelThread? CurrentOrNone => _current;

    /// <summary>From now on the calling thread is outside of an execution, if it was in it.</summary>
    internal static void Leave(Execution execution)
    {
        if (_current?.Execution == execution)
            _current = null;
    }

    internal Execution Execution { get; }

    internal int Id { get; }

    /// <summary>The name that the scenario gave it.</summary>
    public string Name { get; private set; } = "set-up";

    /// <summary>What the thread does; null for a spare one that nobody has started.</summary>
    internal Action? Body { get; set; }

    internal Baton Baton { get; } = new();

    /// <summary>For schedulers that poll a condition.</summary>
    internal Func<bool> CanGoOn => field ??= () => Execution.CanGoOn(this);

    internal StoreBuffer Buffer { get; } = new();

    /// <summary>What the checked code keeps for each thread.</summary>
    internal CheckedState? State { get; set; }

    internal bool Started { get; set; }

    internal bool Ended { get; set; }

    /// <summary>What the thread waits to do, and for what.</summary>
    internal StepKind Pending { get; set; }

    internal long PendingWord { get; set; }

    internal Task? PendingTask { get; set; }

    /// <summary>The step that ended a sleep, or -1 while it lasts.</summary>
    internal int WokenBy { get; set; }

    internal bool MayTimeOut { get; set; }

    /// <summary>Whether the last wait ended because time passed.</summary>
    internal bool TimedOut { get; set; }

    /// <summary>Whether somebody has interrupted it, which no wait of it has met yet.</summary>
    internal bool Interrupted { get; set; }

    /// <summary>Whether an interrupt would end what it waits for.</summary>
    internal bool MayBeInterrupted { get; set; }

    /// <summary>The step that interrupted it last.</summary>
    internal int InterruptedBy { get; set; }

    /// <summary>The thread that must end before this one starts.</summary>
    internal ModelThread? After { get; private set; }

    /// <summary>Steps so far, and the number of them at which the thread stops until a signal.</summary>
    internal int Steps { get; set; }

    internal int StopsAt { get; set; }

    internal Signal? StopsUntil { get; set; }

    internal Signal? AwaitedSignal { get; set; }

    internal int EndStep { get; set; }

    /// <summary>Of a spare thread: the step that started it.</summary>
    internal int StartedBy { get; set; }

    /// <summary>Acknowledgements that a process-wide fence of this thread still waits for, and the step that began it.</summary>
    internal uint Unacknowledged { get; set; }

    internal int FenceStep { get; set; }

    /// <summary>Whether that fence also restarts sections.</summary>
    internal bool Restarts { get; set; }

    /// <summary>What has interrupted the thread's restartable sequence: another thread on its processor, a fence.</summary>
    internal bool WasMoved { get; set; }

    internal bool WasFenced { get; set; }

    /// <summary>How many sections the thread has run, and the processor of the last one; -1 before the first.</summary>
    internal int Sections { get; set; }

    internal int Processor { get; set; }

    /// <summary>Whether the thread is leaving an execution that was given up.</summary>
    internal bool Unwinding { get; set; }

    /// <summary>Loads of the thread find no value that was over before this many writes.</summary>
    internal int Floor { get; set; }

    /// <summary>What the thread has read since it last paused: word and version.</summary>
    internal List<(int Word, int Version)> Watched { get; } = [];

    private readonly Dictionary<int, int> _seen = [];

    /// <summary>The same for one word, of which the thread has seen a value.</summary>
    internal int SeenAt(int word) => _seen.GetValueOrDefault(word);

    internal void Sees(int word, int since) => _seen[word] = Math.Max(since, SeenAt(word));

    internal void Reset(string name, Action? body, ModelThread? after)
    {
        Name = name;
        Body = body;
        After = after;
        State?.Reset();
        Started = Ended = Unwinding = TimedOut = MayTimeOut = Interrupted = MayBeInterrupted = false;
        Pending = StepKind.Start;
        PendingWord = 0;
        PendingTask = null;
        WokenBy = -1;
        Steps = 0;
        StopsAt = -1;
        StopsUntil = null;
        StartedBy = InterruptedBy = -1;
        Unacknowledged = 0;
        Restarts = WasMoved = WasFenced = false;
        Sections = 0;
        Processor = -1;
        Floor = 0;
        _seen.Clear();
        Buffer.Clear();
        Watched.Clear();
    }
}
