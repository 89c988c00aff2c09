using Microsoft.Coyote;
using Microsoft.Coyote.Specifications;
using Microsoft.Coyote.SystematicTesting;
using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Engines.Coyote;

/// <summary>Lets Coyote run a scenario over and over, until the budget is spent or something is wrong.</summary>
internal sealed class CoyoteExplorer(Scenario scenario, MemoryModel model, int stepBound) : IDisposable
{
    // Coyote keeps a text of every schedule it has explored: a fresh engine now and then lets go of them.
    private const uint ExecutionsPerEngine = 200;

    private const string Strategies = "auto (a fair portfolio), random, probabilistic, pct (prioritization), delay-bounding, q-learning";

    private readonly Execution _execution = new();
    private readonly CoyoteConductor _conductor = new();
    private readonly HashSet<ulong> _schedules = [];
    private int _variant;

    internal long Executions { get; private set; }

    /// <summary>Executions that went through a schedule of their own.</summary>
    internal long Distinct { get; private set; }

    internal long Steps { get; private set; }

    internal Violation? Violation { get; private set; }

    /// <summary>Coyote's record of the execution that went wrong.</summary>
    internal CoyoteTrace? Trace { get; private set; }

    /// <summary>The steps of the execution that went wrong, or that was replayed.</summary>
    internal IReadOnlyList<string> Story { get; private set; } = [];

    internal void Explore(string strategy, uint seed, int variant, long executions, Func<bool> outOfTime)
    {
        _schedules.Clear();
        for (long left = executions; left > 0 && Violation is null && !outOfTime();)
        {
            var some = (uint)Math.Min(left, ExecutionsPerEngine);
            Configuration configuration = Configure(strategy).WithTestingIterations(some).WithRandomGeneratorSeed(seed);
            RunEngine(configuration, variant);
            seed += some;
            left -= some;
        }
    }

    /// <summary>Runs a recorded execution again. False, if the program does not follow the trace.</summary>
    internal bool Replay(CoyoteTrace trace)
    {
        RunEngine(Configure("random").WithReproducibleTrace(trace.Json), trace.Variant);
        Story = Running.Story.Of(_execution);
        return Violation is not null || !_execution.WasGivenUp;
    }

    public void Dispose()
    {
        _conductor.Dispose();
        _execution.Dispose();
    }

    private Configuration Configure(string strategy)
    {
        // We bound the steps, and Coyote finds deadlocks at once. Its own bounds are only for what must not happen: more than
        // a few scheduling points in a step, and a thread that hangs for a minute within one.
        uint coyoteBound = (uint)stepBound * 100;
        Configuration configuration = Configuration.Create().WithTelemetryEnabled(false).WithTraceAnalysisEnabled(false)
            .WithPartiallyControlledConcurrencyAllowed(false).WithDeadlockTimeout(60_000)
            .WithMaxSchedulingSteps(coyoteBound, coyoteBound * 10);
        return strategy switch
        {
            "auto" or "portfolio" => configuration, // Coyote's own choice: a fair portfolio of its strategies, in turns.
            "random" => configuration.WithRandomStrategy(),
            "probabilistic" => configuration.WithProbabilisticStrategy(),
            // Unfair as they are by default, they go on for ever where two threads poll each other.
            "pct" or "prioritization" => configuration.WithPrioritizationStrategy(isFair: true, priorityChangeBound: 3),
            "delay-bounding" => configuration.WithDelayBoundingStrategy(isFair: true, delayBound: 3),
            "q-learning" => configuration.WithQLearningStrategy(),
            "dfs" or "full" => throw new UnsupportedException($"Coyote shows no strategy '{strategy}' in its public interface; it has {Strategies}."),
            _ => throw new ArgumentException($"No strategy '{strategy}'; Coyote has {Strategies}.", nameof(strategy)),
        };
    }

    private void RunEngine(Configuration configuration, int variant)
    {
        _variant = variant;
        using TestingEngine engine = TestingEngine.Create(configuration, RunOnce);
        engine.SetLogger(new SilentLogger());
        engine.RegisterEndIterationCallBack(_ => Conclude());
        engine.Run();
        Violation = _execution.Violation ?? (engine.TestReport.NumOfFoundBugs > 0 ? Translate(engine.TestReport.BugReports.First()) : null);
        if (Violation is null)
            return;
        Story = Running.Story.Of(_execution);
        if (engine.ReproducibleTrace.Length > 0)
            Trace = CoyoteTrace.Of(scenario.Name, variant, model.Name, engine.ReproducibleTrace);
    }

    private void RunOnce()
    {
        _conductor.Begin();
        _execution.Reset(model);
        var stage = new Stage(_execution, _variant);
        try
        {
            scenario.Arrange(stage);
            _execution.Run(_conductor, stepBound);
            if (_execution.Violation is null && !_execution.WasGivenUp)
                stage.RunFinalChecks();
        }
        catch (ExecutionAbandonedException)
        {
        }
        catch (Exception exception) when (exception is not ThreadInterruptedException)
        {
            _execution.Fails(Violation.Escaped, $"{exception.GetType().Name}: {exception.Message}");
        }
        finally
        {
            stage.RunCleanUps();
            ModelThread.Leave(_execution); // The thread is Coyote's, and goes on to other things.
        }
        if (_execution.Violation is { } violation)
            Specification.Assert(false, "{0}: {1}", violation.Kind, violation.Message);
    }

    private void Conclude()
    {
        _conductor.End();
        Executions++;
        Steps += _execution.StepCount;
        ulong hash = 14695981039346656037;
        for (int i = 0; i < _execution.StepCount; i++)
            hash = (hash ^ (uint)_execution.StepAt(i).Process) * 1099511628211;
        if (_schedules.Add(hash))
            Distinct++;
    }

    private Violation Translate(string report) => report.StartsWith("Deadlock detected", StringComparison.Ordinal)
        ? new Violation(Violation.Deadlock, _execution.WaitsWhenGivenUp)
        : new Violation("coyote", report);
}
