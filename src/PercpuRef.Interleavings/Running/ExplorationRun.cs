using Percpu.Interleavings.Exploration;
using Percpu.Interleavings.Model;
using Stopwatch = System.Diagnostics.Stopwatch;

namespace Percpu.Interleavings.Running;

/// <summary>Explores on a thread of its own, and watches it: code that never comes back must not hold up the caller.</summary>
#pragma warning disable CA1001 // The thread that explores disposes of the explorer.
internal sealed class ExplorationRun(Scenario scenario, MemoryModel model)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly Explorer _explorer = new(scenario, model, scenario.StepBound);
    private Exception? _failure;
    private IReadOnlyList<string> _story = [];
    private bool _exhausted;

    internal static Verdict Explore(Scenario scenario, ExploreOptions options)
    {
        long began = Stopwatch.GetTimestamp();
        var run = new ExplorationRun(scenario, options.Model);
        return run.RunWatched(() => run.Explore(options, began), began);
    }

    internal static Verdict Replay(Scenario scenario, MemoryModel model, Trace trace)
    {
        long began = Stopwatch.GetTimestamp();
        var run = new ExplorationRun(scenario, model);
        return run.RunWatched(() => run._story = run._explorer.Replay(trace), began);
    }

    private void Explore(ExploreOptions options, long began)
    {
        long executions = options.Executions ?? scenario.DefaultExecutions;
        bool exhausted = true;
        for (int variant = 0; variant < scenario.Variants && _explorer.Violation is null; variant++)
        {
            long each = Math.Max(1, (executions - _explorer.Executions) / (scenario.Variants - variant));
            TimeSpan left = options.Time == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : (options.Time - Stopwatch.GetElapsedTime(began)) / (scenario.Variants - variant);
            Search search = Create(options);
            _explorer.Explore(search, variant, each, left);
            exhausted &= search.Exhausted;
        }
        _exhausted = exhausted && _explorer.Violation is null;
        if (_explorer.Violation is not null)
            _story = Story.Of(_explorer.Execution);
    }

    private static Search Create(ExploreOptions options) => options.Strategy switch
    {
        Strategy.Exhaustive when options.Preemptions is { } preemptions => new FullSearch(preemptions),
        Strategy.Exhaustive => new ReducedSearch(),
        Strategy.Pct => new PctSearch(options.Seed),
        _ => new RandomSearch(options.Seed),
    };

    private Verdict RunWatched(Action work, long began)
    {
        Execution execution = _explorer.Execution;
        var thread = new Thread(() =>
        {
            execution.Handles.Surround();
            try
            {
                work();
            }
            catch (Exception exception)
            {
                _failure = exception;
            }
            finally
            {
                _explorer.Dispose();
            }
        })
        { IsBackground = true, Name = $"exploration of {scenario.Name}" };
        thread.Start();
        var standstill = new Standstill();
        while (!thread.Join(LookEvery))
        {
            if (standstill.IsStalled(execution.Progress))
                return Abandon(execution, began);
        }
        if (_failure is NotReproducibleException)
            return Report(began) with { Outcome = Outcome.Inconclusive, Message = $"not reproducible: {_failure.Message} A scenario must do the same whenever the same choices are made." };
        if (_failure is not null)
            throw new InvalidOperationException($"The exploration of {scenario.Name} failed: {_failure.Message}", _failure);
        return Report(began);
    }

    private Verdict Abandon(Execution execution, long began)
    {
        execution.EndStalled(Standstill.MostLooks * LookEvery);
        _explorer.Cancel();
        Violation violation = execution.Violation!;
        return Report(began) with
        {
            Outcome = Outcome.Violated,
            Message = $"{violation.Kind}: {violation.Message}",
            Trace = Trace.Of(execution, scenario.Name, _explorer.Variant).ToString(),
            Story = Story.Of(execution),
        };
    }

    private Verdict Report(long began)
    {
        Violation? violation = _explorer.Violation ?? _explorer.Execution.Interference;
        return new Verdict(scenario.Name, model)
        {
            Outcome = violation is null ? Outcome.Held : Outcome.Violated,
            Executions = _explorer.Executions,
            Redundant = _explorer.Redundant,
            Steps = _explorer.Steps,
            Exhausted = _exhausted && violation is null,
            Elapsed = Stopwatch.GetElapsedTime(began),
            Message = violation is null ? "" : $"{violation.Kind}: {violation.Message}",
            Trace = violation is null ? "" : _explorer.Trace?.ToString() ?? "",
            Story = _story,
        };
    }
}
