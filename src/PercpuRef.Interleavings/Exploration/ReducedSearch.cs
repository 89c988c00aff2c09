using System.Numerics;
using Percpu.Interleavings.Model;

namespace Percpu.Interleavings.Exploration;

/// <summary>
/// Depth first, one execution for each class of executions that differ only in the order of independent steps: dynamic
/// partial-order reduction with source sets and sleep sets (Abdulla, Aronis, Jonsson, Sagonas 2014).
/// </summary>
/// <remarks>
/// After an execution, each race in it (<see cref="CausalOrder"/>) asks for one more branch at the step where the race
/// began: a process with which an execution can start that has the race turned around. A process that was tried at a
/// step sleeps in the later branches of that step until something is done that its step depends on, so no class is run
/// to its end twice. What the source sets do not foresee is caught there: an execution in which all that could go on are
/// asleep was seen before; it runs to its end without being looked at.
/// </remarks>
internal sealed class ReducedSearch : Search
{
    private readonly CausalOrder _order = new();
    private readonly List<Node> _path = [];
    private readonly Stack<Node> _spare = [];
    private readonly Action<int, int> _onRace;
    private Execution? _execution;
    private int _replayed;
    private int _depth;
    private bool _redundant;
    private bool _started;
    private readonly int[] _initials = new int[64];

    internal ReducedSearch() => _onRace = OnRace;

    internal CausalOrder Order => _order;

    internal override bool MoveOn()
    {
        _depth = 0;
        _redundant = false;
        if (!_started)
            return _started = true;
        while (_path.Count > 0)
        {
            Node node = _path[^1];
            ulong left = node.Wanted & ~node.Done & ~node.Sleeping & ~(1UL << node.Chosen);
            if (left != 0)
            {
                node.PutToSleep(_execution!.AccessesOf(_path.Count - 1));
                node.Chosen = BitOperations.TrailingZeroCount(left);
                _replayed = _path.Count;
                return true;
            }
            _path.RemoveAt(_path.Count - 1);
            _spare.Push(node);
        }
        Exhausted = true;
        return false;
    }

    internal override int Choose(Execution execution, ulong enabled)
    {
        int depth = _depth;
        if (_redundant)
            return Cheapest(execution, enabled);
        _depth++;
        if (depth < _replayed)
        {
            if (_path[depth].Enabled != enabled)
                throw new NotReproducibleException($"Step {depth} is not what it was before.");
            return _path[depth].Chosen;
        }
        Node node = _spare.TryPop(out Node? spare) ? spare : new Node();
        node.Start(enabled);
        if (depth > 0)
            node.InheritSleep(_path[depth - 1], execution, depth - 1);
        ulong awake = enabled & ~node.Sleeping;
        if (awake == 0)
        {
            _spare.Push(node);
            _redundant = true;
            _depth--;
            return Cheapest(execution, enabled);
        }
        node.Chosen = Cheapest(execution, awake);
        node.Wanted = execution.ChoosesValue ? awake : 1UL << node.Chosen; // No race shows that a load could find another value.
        _path.Add(node);
        return node.Chosen;
    }

    internal override bool Conclude(Execution execution)
    {
        _execution = execution;
        int count = Math.Min(_path.Count, execution.StepCount);
        _order.Analyse(execution, count, Math.Max(0, _replayed - 1), _onRace);
        _replayed = count;
        return !_redundant;
    }

    /// <summary>Asks, where the race began, for a first step of some execution in which it is the other way around.</summary>
    private void OnRace(int earlier, int later)
    {
        Execution execution = _execution!;
        Node node = _path[earlier];
        ulong covered = node.Wanted | node.Done | node.Sleeping;
        // What follows without the earlier step: everything in between that does not depend on it, then the later step.
        // A process can come first there if no other step of these precedes its own.
        int count = 0;
        int choice = -1;
        for (int i = earlier + 1; i < later; i++)
        {
            if (_order.Precedes(execution, earlier, i) || !IsInitial(execution, i, count))
                continue;
            int process = execution.StepAt(i).Process;
            if ((covered >> process & 1) != 0)
                return;
            if (choice < 0)
                choice = process;
            _initials[count++] = i;
        }
        int last = execution.StepAt(later).Process;
        if (IsInitial(execution, later, count) && (node.Enabled >> last & 1) != 0)
        {
            if ((covered >> last & 1) != 0)
                return;
            choice = last;
        }
        if (choice >= 0)
            node.Wanted |= 1UL << choice;
    }

    private bool IsInitial(Execution execution, int step, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (_order.Precedes(execution, _initials[i], step))
                return false;
        }
        return true;
    }

    /// <summary>A step of the path, and what was and will be tried there.</summary>
    private sealed class Node
    {
        private readonly int[]?[] _accesses = new int[]?[64];

        internal ulong Enabled { get; private set; }

        internal ulong Sleeping { get; private set; }

        internal ulong Done { get; private set; }

        internal ulong Wanted { get; set; }

        internal int Chosen { get; set; }

        internal void Start(ulong enabled)
        {
            Enabled = enabled;
            Sleeping = Done = Wanted = 0;
        }

        internal void PutToSleep(ReadOnlySpan<int> accesses)
        {
            Done |= 1UL << Chosen;
            _accesses[Chosen] = accesses.ToArray();
        }

        internal void InheritSleep(Node parent, Execution execution, int step)
        {
            ReadOnlySpan<int> accesses = execution.AccessesOf(step);
            ulong indifferent = execution.Processes.Indifferent(parent.Chosen);
            for (ulong left = parent.Sleeping | parent.Done; left != 0; left &= left - 1)
            {
                int process = BitOperations.TrailingZeroCount(left);
                int[] next = parent._accesses[process]!;
                if ((indifferent >> process & 1) != 0 || !Conflict(next, accesses))
                {
                    Sleeping |= 1UL << process;
                    _accesses[process] = next;
                }
            }
        }

        private static bool Conflict(ReadOnlySpan<int> some, ReadOnlySpan<int> others)
        {
            foreach (int a in some)
            {
                foreach (int b in others)
                {
                    if (a >> 1 == b >> 1 && ((a | b) & 1) != 0)
                        return true;
                }
            }
            return false;
        }
    }
}
