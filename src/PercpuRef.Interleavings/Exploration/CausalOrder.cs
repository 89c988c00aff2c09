using System.Numerics;
using Percpu.Interleavings.Model;

namespace Percpu.Interleavings.Exploration;

/// <summary>
/// Which steps of an execution happened before which, as vector clocks, and which pairs are races: dependent steps of
/// different processes, with nothing in between that orders them, so that another execution can have them turned around.
/// </summary>
/// <remarks>
/// Two steps depend on each other when they are of one process; when both touch the same word and one writes it; and when
/// one makes the other possible (<see cref="Step.Enabler"/>; a drained buffer before whatever is interlocked). One pair
/// does not: a thread's own load, and its own buffered store of the same word reaching memory. The load sees the newest
/// own store, in the buffer or behind it, so the two commute.
/// </remarks>
internal sealed partial class CausalOrder
{
    private ushort[] _clocks = [];
    private int[] _ordinals = [];
    private int[] _lastReads = [];
    private int[] _lastWrites = [];
    private ulong[] _readers = [];
    private ulong[] _writers = [];
    private int[] _lastAcquires = [];
    private readonly int[] _lastSteps = new int[64];
    private readonly int[] _candidates = new int[256];
    private readonly ushort[] _clock = new ushort[64];
    private readonly List<int> _touched = [];
    private readonly List<int> _races = [];
    private Processes _numbers;
    private int _processes;

    internal int Processes => _processes;

    /// <summary>Whether a step happened before, or is, a later one.</summary>
    internal bool Precedes(Execution execution, int earlier, int later) =>
        _clocks[later * _processes + execution.StepAt(earlier).Process] >= _ordinals[earlier];

    internal ReadOnlySpan<ushort> ClockOf(int step) => _clocks.AsSpan(step * _processes, _processes);

    /// <summary>
    /// Goes through the first <paramref name="count"/> steps. Those before <paramref name="firstNew"/> are as in the last
    /// call, and their races were reported then.
    /// </summary>
    internal void Analyse(Execution execution, int count, int firstNew, Action<int, int> race)
    {
        Prepare(execution, count);
        for (int i = 0; i < count; i++)
        {
            if (i >= firstNew)
                Order(execution, i, race);
            Remember(execution, i);
        }
    }

    private void Prepare(Execution execution, int count)
    {
        _numbers = execution.Processes;
        _processes = _numbers.Count;
        if (_clocks.Length < count * _processes)
            Array.Resize(ref _clocks, count * _processes * 2);
        if (_ordinals.Length < count)
            Array.Resize(ref _ordinals, count * 2);
        foreach (int word in _touched)
        {
            _readers[word] = _writers[word] = 0;
            _lastAcquires[word] = 0;
        }
        _touched.Clear();
        int words = execution.Words.Count;
        if (_readers.Length < words)
        {
            int capacity = words * 2;
            Array.Resize(ref _readers, capacity);
            Array.Resize(ref _writers, capacity);
            Array.Resize(ref _lastAcquires, capacity);
            _lastReads = new int[capacity * 64];
            _lastWrites = new int[capacity * 64];
        }
        Array.Fill(_lastSteps, -1);
    }

    private void Order(Execution execution, int index, Action<int, int> race)
    {
        ref readonly Step step = ref execution.StepAt(index);
        int process = step.Process;
        int before = _lastSteps[process];
        Span<ushort> clock = _clock.AsSpan(0, _processes);
        if (before >= 0)
            ClockOf(before).CopyTo(clock);
        else
            clock.Clear();
        JoinEnabler(clock, step, index, execution);
        int found = CollectDependent(execution, index, clock);
        for (int i = 0; i < found; i++)
        {
            // Latest first: what an earlier one adds was either in a later one's past, or is a race of its own.
            int candidate = _candidates[i] >> 1;
            if (clock[execution.StepAt(candidate).Process] >= _ordinals[candidate])
                continue;
            if ((_candidates[i] & 1) != 0)
                _races.Add(candidate);
            Join(clock, candidate);
        }
        _ordinals[index] = clock[process] = (ushort)((before < 0 ? 0 : _ordinals[before]) + 1);
        clock.CopyTo(_clocks.AsSpan(index * _processes, _processes));
        foreach (int earlier in _races)
            race(earlier, index);
        _races.Clear();
    }

    private void JoinEnabler(Span<ushort> clock, in Step step, int index, Execution execution)
    {
        if (step.Enabler == Step.EnabledByTime)
        {
            foreach (int last in _lastSteps)
            {
                if (last >= 0)
                    Join(clock, last);
            }
            return;
        }
        if (step.Enabler >= 0)
            Join(clock, step.Enabler);
        // Steps that others can make impossible race with the last one that did, although what made them possible again
        // stands between the two.
        if (step.Kind == StepKind.EnterLock)
        {
            int acquire = _lastAcquires[step.Word] - 1;
            if (acquire >= 0 && clock[execution.StepAt(acquire).Process] < _ordinals[acquire])
                _races.Add(acquire);
        }
        else if (step.Kind == StepKind.Acknowledge)
        {
            int target = _numbers.TargetOf(step.Process);
            int buffered = LastWrite(execution.AccessesOf(index)[0] >> 1, target);
            if (buffered >= 0 && clock[target] < _ordinals[buffered])
                _races.Add(buffered);
            JoinLanes(clock, target);
        }
        else if (step.Kind == StepKind.BeginSection)
        {
            // The displaced thread's stores are in memory before another thread runs on its processor; its own, before it moves.
            if (_numbers.Lanes > 0 && step.Displaced is var displaced and >= 0)
            {
                int buffered = LastWrite(execution.AccessesOf(index)[0] >> 1, displaced);
                if (buffered >= 0 && clock[displaced] < _ordinals[buffered])
                    _races.Add(buffered);
                JoinLanes(clock, displaced);
            }
            if (step.Moves)
                JoinLanes(clock, step.Process);
        }
        else if (step.Kind == StepKind.EndProcessWideFence)
        {
            for (int target = 0; target < _numbers.Threads; target++)
                JoinLast(clock, _numbers.Acknowledgement(step.Process, target));
        }
        else if (step.Kind == StepKind.Flush)
        {
            JoinOlderStores(clock, step, index, execution);
        }
        if (NeedsEmptyBuffer(step.Kind))
            JoinLanes(clock, step.Process);
        else if (step.Kind == StepKind.End && _numbers.LateReads is var lane and >= 0)
            JoinLast(clock, _numbers.Lane(step.Process, lane));
    }

    /// <summary>The stores that had to reach memory before this one did. Others that happened to are no part of its past.</summary>
    private void JoinOlderStores(Span<ushort> clock, in Step step, int index, Execution execution)
    {
        ulong left = _numbers.LanesOf(_numbers.ThreadOf(step.Process)) & ~(1UL << step.Process);
        for (int i = index - 1; left != 0 && i >= 0; i--)
        {
            ref readonly Step other = ref execution.StepAt(i);
            if ((left >> other.Process & 1) == 0 || other.Sequence >= step.After)
                continue;
            left &= ~(1UL << other.Process); // Within a lane, the last of them has the others in its past.
            Join(clock, i);
        }
    }

    private int CollectDependent(Execution execution, int index, ReadOnlySpan<ushort> clock)
    {
        ref readonly Step step = ref execution.StepAt(index);
        bool waits = step.Kind is StepKind.EnterLock or StepKind.WaitFor or StepKind.AwaitSignal;
        ulong others = ~(1UL << step.Process | _numbers.Indifferent(step.Process));
        int found = 0;
        foreach (int access in execution.AccessesOf(index))
        {
            int word = access >> 1;
            bool waitsHere = waits && word == step.Word;
            for (ulong left = _writers[word] & others; left != 0; left &= left - 1)
            {
                int write = LastWrite(word, BitOperations.TrailingZeroCount(left));
                found = Collect(execution, write, waitsHere && Enables(execution, step, write) ? 0 : 1, clock, found);
            }
            if ((access & 1) == 0)
                continue;
            for (ulong left = _readers[word] & others; left != 0; left &= left - 1)
                found = Collect(execution, _lastReads[word * 64 + BitOperations.TrailingZeroCount(left)] - 1, waitsHere && step.Kind != StepKind.EnterLock ? 0 : 1, clock, found);
        }
        return found;
    }

    /// <summary>Whether a wait may have had to wait for a write. The word of a lock has bits that are not the lock's: who changes
    /// these may come after the lock was entered as well.</summary>
    private static bool Enables(Execution execution, in Step wait, int write) =>
        wait.Kind != StepKind.EnterLock || execution.StepAt(write).Kind is StepKind.ExitLock or StepKind.EnterLock or StepKind.TryEnterLock;

    private int Collect(Execution execution, int candidate, int reversible, ReadOnlySpan<ushort> clock, int found)
    {
        if (clock[execution.StepAt(candidate).Process] >= _ordinals[candidate])
            return found;
        int entry = candidate << 1 | reversible, at = found;
        while (at > 0 && _candidates[at - 1] < entry)
        {
            _candidates[at] = _candidates[at - 1];
            at--;
        }
        _candidates[at] = entry;
        return found + 1;
    }

    private static bool NeedsEmptyBuffer(StepKind kind) => kind is not (
        StepKind.Start or StepKind.End or StepKind.Load or StepKind.Store or StepKind.Buffer or StepKind.Flush or StepKind.LoadReference
        or StepKind.Acknowledge or StepKind.EndProcessWideFence or StepKind.Unpark or StepKind.Pause or StepKind.LookAt or StepKind.IsAlive
        or StepKind.Allocate or StepKind.Signal or StepKind.Interrupt or StepKind.AwaitSignal or StepKind.Use
        or StepKind.BeginUse or StepKind.BeginSection or StepKind.EndSection or StepKind.RestartSections
        or StepKind.ReadFence or StepKind.Older or StepKind.Take);
}
