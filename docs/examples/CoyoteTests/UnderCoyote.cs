using Microsoft.Coyote;
using Microsoft.Coyote.SystematicTesting;

namespace CoyoteTests;

/// <summary>Runs a small concurrent program in many schedules.</summary>
internal static class UnderCoyote
{
    internal const uint Iterations = 1_000;

    // With a seed the search is the same in every run: a fault that is found is found again, and CI does not roll dice. Other schedules
    // by other seeds, each night for instance: COYOTE_SEED.
    private static readonly uint Seed = uint.TryParse(Environment.GetEnvironmentVariable("COYOTE_SEED"), out uint seed) ? seed : 1;

    /// <summary>Runs it; a failure says what went wrong and which file replays it.</summary>
    internal static void MustHold(Func<Task> program, uint iterations = Iterations)
    {
        using TestingEngine engine = Run(program, Configure().WithTestingIterations(iterations));
        Assert.True(engine.TestReport.NumOfFoundBugs == 0, string.Join('\n', engine.TestReport.BugReports) + "\nReplay: " + Save(engine));
        Assert.Empty(engine.TestReport.UncontrolledInvocations);
    }

    /// <summary>Runs it until it fails, and replays that. Returns what Coyote reported, and the trace.</summary>
    internal static (string Report, string Trace) MustFail(WrongProgram program)
    {
        Configuration configuration = Configure().WithTestingIterations(2 * Iterations);
        using TestingEngine engine = Run(program.Run, program.Probabilistic ? configuration.WithProbabilisticStrategy(3) : configuration);
        Assert.True(engine.TestReport.NumOfFoundBugs == 1, "The fault was not found.");
        Assert.NotEmpty(Replay(program.Run, engine.ReproducibleTrace));
        return (engine.TestReport.BugReports.First(), engine.ReproducibleTrace);
    }

    /// <summary>Runs the one schedule of a trace, which must fail. Returns what Coyote reported.</summary>
    internal static string Replay(Func<Task> program, string trace)
    {
        using TestingEngine engine = Run(program, Configure().WithReproducibleTrace(trace));
        Assert.True(engine.TestReport.NumOfFoundBugs == 1, "The trace does not lead to the fault.");
        return engine.TestReport.BugReports.First();
    }

    /// <summary>Runs what is no proper test. Returns what Coyote reported: once nothing has moved for two seconds, if it is not certain before.</summary>
    internal static string Misuse(Func<Task> program)
    {
        using TestingEngine engine = Run(program, Configure().WithTestingIterations(100).WithDeadlockTimeout(2_000));
        Assert.True(engine.TestReport.NumOfFoundBugs == 1, "Nothing was found to be wrong.");
        return engine.TestReport.BugReports.First();
    }

    // Iterations, not a time: with WithTestingTimeout the number of iterations is no longer a limit.
    private static Configuration Configure() => Configuration.Create()
        .WithTelemetryEnabled(false)
        .WithRandomGeneratorSeed(Seed)
        .WithMemoryAccessRaceCheckingEnabled()
        .WithAtomicOperationRaceCheckingEnabled()
        .WithVolatileOperationRaceCheckingEnabled()
        .WithPartiallyControlledConcurrencyAllowed(false)
        .WithDeadlockTimeout(60_000)
        .WithMaxSchedulingSteps(20_000);

    private static TestingEngine Run(Func<Task> program, Configuration configuration)
    {
        TestingEngine engine = TestingEngine.Create(configuration, program);
        engine.Run();
        return engine;
    }

    private static string Save(TestingEngine engine)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.trace");
        File.WriteAllText(path, engine.ReproducibleTrace);
        return path;
    }
}
