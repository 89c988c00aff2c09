using Percpu.Interleavings.Exploration;
using Percpu.Interleavings.Model;
using Stopwatch = System.Diagnostics.Stopwatch;

namespace Percpu.Interleavings.Running;

/// <summary>Runs one scenario under one search until it is done, its budget is spent, or something is wrong.</summary>
internal sealed class Explorer(Scenario scenario, MemoryModel model, int stepBound) : IDisposable
{
    private readonly Execution _execution = new();
    private volatile bool _cancelled;

    internal Execution Execution => _execution;

    /// <summary>The variant of the execution that runs, or ran last.</summary>
    internal int Variant { get; private set; }

    internal long Executions { get; private set; }

    internal long Redundant { get; private set; }

    internal long Steps { get; private set; }

    internal Violation? Violation { get; private set; }

    /// <summary>Of the execution that went wrong, or that was replayed last.</summary>
    internal Trace? Trace { get; private set; }

    /// <summary>Called after each execution that showed something new.</summary>
    internal Action<Execution>? Observer { get; set; }

    internal void Explore(Search search, int variant, long executions, TimeSpan time)
    {
        long began = Stopwatch.GetTimestamp();
        for (long count = 0; count < executions && Violation is null && !_cancelled && search.MoveOn(); count++)
        {
            RunOnce(search, variant);
            if ((count & 15) == 15 && Stopwatch.GetElapsedTime(began) >= time)
                break;
        }
    }

    /// <summary>Runs a recorded execution again and tells its steps.</summary>
    internal IReadOnlyList<string> Replay(Trace trace)
    {
        var search = new ReplaySearch(trace);
        search.MoveOn();
        RunOnce(search, trace.Variant);
        Trace = Trace.Of(_execution, scenario.Name, trace.Variant);
        return Story.Of(_execution);
    }

    /// <summary>No further execution begins. From any thread.</summary>
    internal void Cancel() => _cancelled = true;

    public void Dispose() => _execution.Dispose();

    private void RunOnce(Search search, int variant)
    {
        _execution.Reset(model);
        Variant = variant;
        var stage = new Stage(_execution, variant);
        try
        {
            scenario.Arrange(stage);
            _execution.Run(search, stepBound);
            bool isNew = search.Conclude(_execution);
            Executions += isNew ? 1 : 0;
            Redundant += isNew ? 0 : 1;
            Steps += _execution.StepCount;
            if (_execution.Violation is null)
            {
                stage.RunFinalChecks();
                if (isNew)
                    Observer?.Invoke(_execution);
            }
        }
        catch (ExecutionAbandonedException)
        {
        }
        catch (Exception exception) when (exception is not NotReproducibleException)
        {
            _execution.Fails(Violation.Escaped, $"{exception.GetType().Name}: {exception.Message}");
        }
        finally
        {
            stage.RunCleanUps();
        }
        if (_execution.Violation is null)
            return;
        Violation = _execution.Violation;
        Trace = Trace.Of(_execution, scenario.Name, variant);
    }
}
