namespace Percpu.Interleavings.Model;

// What only a thread outside can do: see that nothing goes on, or touch what is not its own.
internal sealed unsafe partial class Execution
{
    private long _progress;
    private volatile Violation? _interference;

    /// <summary>What another thread has done, in this execution or an earlier one.</summary>
    internal Violation? Interference => _interference;

    /// <summary>Changes whenever a step is made or an execution begins.</summary>
    internal long Progress => Volatile.Read(ref _progress);

    /// <summary>Ends the execution because another thread has interfered: at the next step of whoever runs.</summary>
    internal void Interfere(string message)
    {
        _interference ??= new Violation(Violation.Misuse, message);
        Violation ??= _interference;
        _abandoned = true;
    }

    /// <summary>Ends the execution because whoever runs makes no step. Should it make one after all, it leaves then.</summary>
    internal void EndStalled(TimeSpan time)
    {
        string who = _running ? $"Thread '{_threads[LastThread].Name}'" : "The arrangement, or a final check,";
        string where = _running && _stepCount > 0 && _steps[_stepCount - 1].Source is { Line: > 0 } source ? $", in {source.Member}, line {source.Line}" : "";
        Interfere($"{who} has made no step for {time.TotalSeconds:0.#} s{(_running ? $" after step {_stepCount - 1}{where}" : "")}: "
            + "it spins without a scheduling point, or blocks outside the words, locks and parks of the scenario.");
    }
}
