using Percpu.Interleavings.Engines;
using Percpu.Interleavings.Exploration;
using Percpu.Interleavings.Model;
using Stopwatch = System.Diagnostics.Stopwatch;

namespace Percpu.Interleavings.Running;

/// <summary>The entry from outside, by command line, test or reflection: simple types in, simple types out, no state.</summary>
public static class ScenarioRunner
{
    /// <summary>Names of all scenarios.</summary>
    public static IReadOnlyList<string> Scenarios => [.. ScenarioCatalog.All.Select(scenario => scenario.Name)];

    /// <summary>Explores a scenario under a memory model (sc, tso, tso-full, arm64, arm64-full).</summary>
    /// <exception cref="ArgumentException">No such scenario, model or strategy.</exception>
    /// <exception cref="UnsupportedException">This build has no such engine, or the engine no such model or strategy.</exception>
    public static RunResult Run(string scenario, string model, RunOptions? options = null)
    {
        options ??= new RunOptions();
        return options.Engine == EngineCatalog.BuiltIn
            ? Run(ScenarioCatalog.Find(scenario), MemoryModel.Parse(model), options)
            : EngineCatalog.Find(options.Engine).Run(ScenarioCatalog.Find(scenario), MemoryModel.Parse(model), options);
    }

    /// <summary>Runs one recorded execution again, under the engine that recorded it.</summary>
    /// <exception cref="FormatException">Not a trace of this engine.</exception>
    /// <exception cref="ArgumentException">The trace is of a scenario or model that does not exist.</exception>
    /// <exception cref="UnsupportedException">This build has no such engine.</exception>
    public static RunResult Replay(string trace, string engine = EngineCatalog.BuiltIn)
    {
        if (engine != EngineCatalog.BuiltIn)
            return EngineCatalog.Find(engine).Replay(trace);
        Trace parsed = Trace.Parse(trace);
        return Replay(ScenarioCatalog.Find(parsed.Scenario), parsed);
    }

    internal static RunResult Run(Scenario scenario, MemoryModel model, RunOptions options, Action<Execution>? observer = null)
    {
        long began = Stopwatch.GetTimestamp();
        bool auto = options.Strategy == "auto";
        long executions = options.Executions > 0 ? options.Executions : scenario.DefaultExecutions;
        double seconds = options.Seconds > 0 ? options.Seconds : double.MaxValue;
        using var explorer = new Explorer(scenario, model, options.StepBound > 0 ? options.StepBound : scenario.StepBound) { Observer = observer };
        bool exhausted = true, walked = false;
        for (int variant = 0; variant < scenario.Variants && explorer.Violation is null; variant++)
        {
            double share = 1.0 / (scenario.Variants - variant);
            long each = Math.Max(1, (long)((executions - explorer.Executions) * share));
            double time = Math.Max(0, seconds - Stopwatch.GetElapsedTime(began).TotalSeconds) * share;
            Search search = Create(options);
            explorer.Explore(search, variant, auto ? each - each / 4 : each, Limit(auto ? time * 0.75 : time));
            exhausted &= search.Exhausted;
            if (!auto || search.Exhausted || explorer.Violation is not null)
                continue;
            // Depth first has seen one corner of it in every detail. Far-flung samples see the others.
            walked = true;
            explorer.Explore(new PctSearch(options.Seed), variant, Math.Max(1, each / 4), Limit(time * 0.25));
        }
        return Report(scenario, model, explorer, walked ? "dfs+pct" : auto ? "dfs" : options.Strategy, exhausted, Stopwatch.GetElapsedTime(began));
    }

    internal static RunResult Replay(Scenario scenario, Trace trace)
    {
        MemoryModel model = MemoryModel.Parse(trace.Model);
        using var explorer = new Explorer(scenario, model, scenario.StepBound);
        IReadOnlyList<string> story = explorer.Replay(trace);
        return Report(scenario, model, explorer, "replay", exhausted: false, TimeSpan.Zero) with { Story = story, Trace = explorer.Trace!.ToString() };
    }

    private static RunResult Report(
        Scenario scenario, MemoryModel model, Explorer explorer, string strategy, bool exhausted, TimeSpan time)
    {
        Violation? violation = explorer.Violation;
        return new RunResult
        {
            Scenario = scenario.Name,
            Model = model.Name,
            Strategy = strategy,
            Executions = explorer.Executions,
            Redundant = explorer.Redundant,
            Steps = explorer.Steps,
            Exhausted = exhausted && violation is null,
            Seconds = Math.Round(time.TotalSeconds, 3),
            Verdict = violation is not null ? "violated" : explorer.Executions > 0 ? "held" : "inconclusive",
            Message = violation is null ? "" : $"{violation.Kind}: {violation.Message}",
            Trace = violation is null ? "" : explorer.Trace!.ToString(),
            Story = violation is null || strategy == "replay" ? [] : Replay(scenario, explorer.Trace!).Story,
        };
    }

    private static TimeSpan Limit(double seconds) => seconds > 1e6 ? TimeSpan.MaxValue : TimeSpan.FromSeconds(seconds);

    private static Search Create(RunOptions options) => options.Strategy switch
    {
        _ when options.Preemptions >= 0 => new FullSearch(options.Preemptions),
        "auto" or "dfs" => new ReducedSearch(),
        "full" => new FullSearch(),
        "random" => new RandomSearch(options.Seed),
        "pct" => new PctSearch(options.Seed),
        _ => throw new ArgumentException($"No strategy '{options.Strategy}'; there are auto, dfs, full, random, pct.", nameof(options)),
    };
}
