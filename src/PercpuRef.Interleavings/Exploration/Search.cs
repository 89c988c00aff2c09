using System.Numerics;
using Percpu.Interleavings.Model;

namespace Percpu.Interleavings.Exploration;

/// <summary>Decides, execution after execution, who goes on at each step.</summary>
internal abstract class Search
{
    /// <summary>Whether everything there is was tried.</summary>
    internal bool Exhausted { get; private protected set; }

    /// <summary>Prepares the next execution; false when there is none left.</summary>
    internal abstract bool MoveOn();

    /// <summary>The process to go on, one of <paramref name="enabled"/>. Called before every step.</summary>
    internal abstract int Choose(Execution execution, ulong enabled);

    /// <summary>Looks at the execution that has just ended.</summary>
    /// <returns>False if it only repeated what other executions showed.</returns>
    internal virtual bool Conclude(Execution execution) => true;

    /// <summary>The cheapest way to go on: the same thread, else the hardware, else another thread.</summary>
    private protected static int Cheapest(Execution execution, ulong enabled)
    {
        if (execution.StepCount > 0 && (enabled >> execution.LastThread & 1) != 0)
            return execution.LastThread;
        ulong hardware = enabled >> execution.ThreadCount << execution.ThreadCount;
        return BitOperations.TrailingZeroCount(hardware != 0 ? hardware : enabled);
    }
}
