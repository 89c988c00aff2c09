using Percpu.Interleavings.Exploration;
using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Unit.Explorer.Courses;

/// <summary>Takes down all that happened in executions: each step and what it touched, what came before what, which of them race.</summary>
internal sealed class ExecutionRecord
{
    private readonly CausalOrder _order = new();

    internal Digest Digest { get; } = new();

    /// <param name="execution">One that has ended.</param>
    /// <param name="told">Whether to take down its story in words as well, which takes longer.</param>
    internal void Add(Execution execution, bool told)
    {
        _order.Analyse(execution, execution.StepCount, 0, (earlier, later) => Digest.Add(earlier << 16 | later));
        for (int i = 0; i < execution.StepCount; i++)
            Add(execution, i);
        Digest.Add(execution.ProcessWideFences);
        Digest.Add(execution.Heap.Outstanding);
        Digest.Add(execution.Heap.WordCount);
        Digest.Add(Trace.Of(execution, "", 0).Choices);
        if (!told)
            return;
        foreach (string line in Story.Of(execution))
            Digest.Add(line);
    }

    private void Add(Execution execution, int index)
    {
        Step step = execution.StepAt(index);
        Digest.Add(step.Process);
        Digest.Add((int)step.Kind);
        Digest.Add(step.Enabler);
        Digest.Add(step.Displaced);
        Digest.Add((step.Acquires ? 1 : 0) + (step.Moves ? 2 : 0));
        if (step.Word >= 0)
        {
            Digest.Add(step.Word);
            Digest.Add(step.Value);
            Digest.Add(step.Before);
        }
        if (step.Kind == StepKind.Flush)
        {
            Digest.Add(step.Sequence);
            Digest.Add(step.After);
        }
        Digest.Add(step.Source.Member ?? "");
        Digest.Add(step.Source.Line);
        foreach (int access in execution.AccessesOf(index))
            Digest.Add(access);
        foreach (ushort tick in _order.ClockOf(index))
            Digest.Add(tick);
    }
}
