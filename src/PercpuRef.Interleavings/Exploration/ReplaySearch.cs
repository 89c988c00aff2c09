using Percpu.Interleavings.Model;

namespace Percpu.Interleavings.Exploration;

/// <summary>Runs one recorded execution again.</summary>
internal sealed class ReplaySearch(Trace trace) : Search
{
    private List<int>? _choices;
    private bool _done;

    internal override bool MoveOn() => !_done && (_done = true);

    internal override int Choose(Execution execution, ulong enabled)
    {
        _choices ??= trace.Decode(execution.Processes);
        int step = execution.StepCount;
        if (step >= _choices.Count)
            return Cheapest(execution, enabled);
        int process = _choices[step];
        if (process >= 64 || (enabled >> process & 1) == 0)
            throw new NotReproducibleException($"The trace does not fit the program: step {step} cannot be taken.");
        return process;
    }
}
