using System.Numerics;
using Percpu.Interleavings.Model;

namespace Percpu.Interleavings.Exploration;

/// <summary>
/// Probabilistic concurrency testing (Burckhardt and others, 2010): processes have random priorities, the highest goes on,
/// and at a few random steps the one that runs falls to the bottom. Finds a bug that needs d ordered events with a
/// probability of at least 1 / (processes * steps^(d-1)) per execution.
/// </summary>
internal sealed class PctSearch(int seed, int depth = 4) : Search
{
    private readonly Random _random = new(seed);
    private readonly int[] _priorities = new int[64];
    private readonly int[] _changes = new int[depth - 1];
    private int _longest = 32;
    private int _lowest;

    internal override bool MoveOn()
    {
        for (int i = 0; i < _priorities.Length; i++)
            _priorities[i] = i;
        _random.Shuffle(_priorities);
        for (int i = 0; i < _changes.Length; i++)
            _changes[i] = _random.Next(_longest);
        _lowest = 0;
        return true;
    }

    internal override int Choose(Execution execution, ulong enabled)
    {
        if (execution.ChoosesValue)
            return RandomSearch.Choose(_random, enabled);
        int process = Highest(enabled);
        if (Array.IndexOf(_changes, execution.StepCount) >= 0)
        {
            _priorities[process] = --_lowest;
            process = Highest(enabled);
        }
        return process;
    }

    internal override bool Conclude(Execution execution)
    {
        _longest = Math.Max(_longest, execution.StepCount);
        return true;
    }

    private int Highest(ulong enabled)
    {
        int best = BitOperations.TrailingZeroCount(enabled);
        for (ulong left = enabled; left != 0; left &= left - 1)
        {
            int process = BitOperations.TrailingZeroCount(left);
            if (_priorities[process] > _priorities[best])
                best = process;
        }
        return best;
    }
}
