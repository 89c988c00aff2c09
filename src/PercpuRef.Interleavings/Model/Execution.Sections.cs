namespace Percpu.Interleavings.Model;

// Restartable sequences, and the processors on which they run. There are fewer than threads: each thread moves from one to the
// other after every second section, and whoever begins a section on a processor displaces the thread that was there.
internal sealed unsafe partial class Execution
{
    internal const int ProcessorCount = 2;

    /// <summary>How often a section is started anew before it is refused. The shipped one has a thousand times: what comes
    /// of being refused is the same.</summary>
    private const int MaxRestarts = 1;

    private readonly ModelThread?[] _occupants = new ModelThread?[ProcessorCount];
    private readonly long[] _areas = new long[ProcessorCount];

    /// <summary>Areas of processors, by index.</summary>
    internal long[] ProcessorAreas => _areas;

    /// <summary>
    /// A section in two steps, the load of the mode and the add. Whatever interrupts it between them has it started anew:
    /// another thread on its processor, or the fence. An interruption before the first step, or of what the first has
    /// read of the thread's own, needs no step.
    /// </summary>
    /// <param name="thread">Who runs it.</param>
    /// <param name="mode">The mode word.</param>
    /// <param name="count">What to add.</param>
    /// <param name="restartsWhenMoved">Whether it is started anew when another thread took the processor. Else it goes on where it
    /// was, which is a defect.</param>
    /// <param name="restartsWhenFenced">Whether it is started anew by the fence.</param>
    /// <param name="source">For the trace.</param>
    internal bool AddInSection(ModelThread thread, long* mode, long count, bool restartsWhenMoved, bool restartsWhenFenced, Source source)
    {
        for (int tries = 0; tries <= MaxRestarts; tries++)
        {
            Point(thread, StepKind.BeginSection, source);
            int processor = ProcessorOf(thread);
            Enter(thread, processor);
            int number = Touch((long)mode);
            Access(number, writes: false);
            Watch(thread, number);
            long word = Read(thread, mode, number);
            Note(number, word);
            long* stripe = (long*)(_areas[processor] + word);
            if ((long)stripe <= 0)
                return Leave(thread, counted: false);
            long before = LoadInStep(thread, stripe);
            thread.WasMoved = thread.WasFenced = false;
            Point(thread, StepKind.EndSection, source);
            AccessSection(thread);
            if (((restartsWhenMoved && thread.WasMoved) || (restartsWhenFenced && thread.WasFenced)) && _running && !_abandoned)
                continue;
            Commit(thread, stripe, before + count);
            return Leave(thread, counted: true);
        }
        return Leave(thread, counted: false);
    }

    /// <summary>Starts every section of other threads anew, and is a full fence of each of them.</summary>
    internal void RestartSections(ModelThread thread, Source source)
    {
        ProcessWideFences++;
        if (!_running)
            return;
        if (Model.Buffers)
        {
            FenceEverybody(thread, restarts: true, source);
            return;
        }
        Point(thread, StepKind.RestartSections, source);
        for (int i = 0; i < ThreadCount; i++)
        {
            if (i != thread.Id)
                RestartByFence(_threads[i]);
        }
    }

    private static int ProcessorOf(ModelThread thread) => (thread.Id + 1 + thread.Sections / 2) % ProcessorCount;

    private bool CanBeginSection(ModelThread thread)
    {
        int processor = ProcessorOf(thread);
        // A processor has done all the stores of a thread before it runs another one, or that thread runs elsewhere.
        return (thread.Processor == processor || thread.Buffer.Count == 0)
            && (_occupants[processor] is not { } occupant || occupant == thread || occupant.Buffer.Count == 0);
    }

    private void Enter(ModelThread thread, int processor)
    {
        if (!_running || _abandoned)
            return;
        ref Step step = ref _steps[_stepCount - 1];
        if (_occupants[processor] is { } occupant && occupant != thread)
        {
            step.Displaced = occupant.Id;
            Access(TouchKey(WordTable.Key(KeySpace.Buffer, occupant.Id)), writes: false); // The first access: the search looks for it there.
            AccessSection(occupant);
            occupant.WasMoved = true;
        }
        step.Moves = thread.Processor != processor;
        Access(TouchKey(WordTable.Key(KeySpace.Processor, processor)), writes: true);
        AccessSection(thread);
        _occupants[processor] = thread;
        thread.Processor = processor;
    }

    private static bool Leave(ModelThread thread, bool counted)
    {
        thread.Sections++;
        return counted;
    }

    private void RestartByFence(ModelThread thread)
    {
        AccessSection(thread);
        thread.WasFenced = true;
    }

    private void AccessSection(ModelThread thread) => Access(TouchKey(WordTable.Key(KeySpace.Section, thread.Id)), writes: true);

    private void Commit(ModelThread thread, long* stripe, long value)
    {
        int number = Touch((long)stripe);
        if (!Model.Buffers || !_running || _abandoned)
        {
            Write(thread, stripe, number, value);
            return;
        }
        thread.Buffer.Add(number, stripe, value, _stepCount - 1, release: true, Model.Lanes);
        Access(TouchKey(WordTable.Key(KeySpace.Buffer, thread.Id)), writes: true);
        Note(number, value);
    }
}
