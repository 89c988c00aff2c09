using System.Numerics;
using Percpu.Interleavings.Model;

namespace Percpu.Interleavings.Exploration;

/// <summary>
/// Depth first through every choice, without reduction: the yardstick for the reduced search. With a bound, only
/// executions with at most so many preemptions: choices of another process while the running thread could go on.
/// </summary>
internal sealed class FullSearch(int preemptions = int.MaxValue) : Search
{
    private readonly List<Node> _path = [];
    private int _replayed;
    private int _depth;
    private bool _started;

    internal override bool MoveOn()
    {
        _depth = 0;
        if (!_started)
            return _started = true;
        while (_path.Count > 0)
        {
            Node node = _path[^1];
            _path.RemoveAt(_path.Count - 1);
            if (node.Left == 0)
                continue;
            int next = BitOperations.TrailingZeroCount(node.Left);
            _path.Add(node with { Chosen = next, Left = node.Left & ~(1UL << next) });
            _replayed = _path.Count;
            return true;
        }
        Exhausted = true;
        return false;
    }

    internal override int Choose(Execution execution, ulong enabled)
    {
        int depth = _depth++;
        if (depth < _replayed)
        {
            if (_path[depth].Enabled != enabled)
                throw new NotReproducibleException($"Step {depth} is not what it was before.");
            return _path[depth].Chosen;
        }
        int chosen = Cheapest(execution, enabled);
        bool preempts = execution.StepCount > 0 && !execution.ChoosesValue && (enabled >> execution.LastThread & 1) != 0;
        int spent = depth == 0 ? 0 : _path[depth - 1].Spent;
        if (depth > 0 && _path[depth - 1].Preempts && _path[depth - 1].Chosen != _path[depth - 1].First)
            spent++;
        ulong left = preempts && spent >= preemptions ? 0 : enabled & ~(1UL << chosen);
        _path.Add(new Node(enabled, left, chosen, chosen, preempts, spent));
        return chosen;
    }

    // First is the choice that costs nothing, Spent the preemptions before this step.
    private readonly record struct Node(ulong Enabled, ulong Left, int Chosen, int First, bool Preempts, int Spent);
}
