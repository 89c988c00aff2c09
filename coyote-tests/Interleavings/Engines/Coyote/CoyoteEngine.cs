using Percpu.Interleavings.Exploration;
using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;
using Stopwatch = System.Diagnostics.Stopwatch;

namespace Percpu.Interleavings.Engines.Coyote;

/// <summary>
/// The scenarios under Microsoft.Coyote: its scheduler, its strategies, its traces, over the same model of memory.
/// A second opinion on our own explorer, by people who have never seen it.
/// </summary>
internal sealed class CoyoteEngine : Engine
{
    internal override RunResult Run(Scenario scenario, MemoryModel model, RunOptions options)
    {
        CheckSupported(model);
        if (options.Preemptions >= 0)
            throw new UnsupportedException("Coyote has no preemption bound.");
        long began = Stopwatch.GetTimestamp();
        long executions = options.Executions > 0 ? options.Executions : Math.Min(scenario.DefaultExecutions, 10_000);
        double seconds = options.Seconds > 0 ? options.Seconds : double.MaxValue;
        using var explorer = new CoyoteExplorer(scenario, model, options.StepBound > 0 ? options.StepBound : scenario.StepBound);
        for (int variant = 0; variant < scenario.Variants && explorer.Violation is null; variant++)
        {
            int left = scenario.Variants - variant;
            double until = Stopwatch.GetElapsedTime(began).TotalSeconds;
            until += (seconds - until) / left;
            explorer.Explore(
                options.Strategy, (uint)options.Seed, variant, Math.Max(1, (executions - explorer.Executions) / left),
                outOfTime: () => Stopwatch.GetElapsedTime(began).TotalSeconds >= until);
        }
        return Report(scenario, model, explorer, options.Strategy == "auto" ? "portfolio" : options.Strategy, Stopwatch.GetElapsedTime(began));
    }

    internal override RunResult Replay(string trace, Scenario? scenario = null)
    {
        CoyoteTrace parsed = CoyoteTrace.Parse(trace);
        scenario ??= ScenarioCatalog.Find(parsed.Scenario);
        MemoryModel model = MemoryModel.Parse(parsed.Model);
        CheckSupported(model);
        using var explorer = new CoyoteExplorer(scenario, model, scenario.StepBound);
        if (!explorer.Replay(parsed))
            throw new NotReproducibleException("The trace does not fit the program: Coyote could not follow it.");
        return Report(scenario, model, explorer, "replay", TimeSpan.Zero) with { Trace = parsed.ToString() };
    }

    private static void CheckSupported(MemoryModel model)
    {
        if (model != MemoryModel.Sequential)
            throw new UnsupportedException($"Coyote is sequentially consistent: it cannot see a missing fence, so there is no model '{model.Name}'.");
    }

    private static RunResult Report(Scenario scenario, MemoryModel model, CoyoteExplorer explorer, string strategy, TimeSpan time)
    {
        Violation? violation = explorer.Violation;
        return new RunResult
        {
            Scenario = scenario.Name,
            Model = model.Name,
            Engine = EngineCatalog.Coyote,
            Strategy = strategy,
            Executions = explorer.Distinct,
            Redundant = explorer.Executions - explorer.Distinct,
            Steps = explorer.Steps,
            Seconds = Math.Round(time.TotalSeconds, 3),
            Verdict = violation is not null ? "violated" : explorer.Executions > 0 ? "held" : "inconclusive",
            Message = violation is null ? "" : $"{violation.Kind}: {violation.Message}",
            Trace = violation is null ? "" : explorer.Trace?.ToString() ?? "",
            Story = explorer.Story,
        };
    }
}
