using CoyoteTests;
using Microsoft.Coyote;
using Microsoft.Coyote.SystematicTesting;

namespace Percpu.Unit.Packaging.Coyote;

/// <summary>The program of a fresh project: Coyote's search through two threads that use a cache, of the examples, which is right, and one with a planted fault.</summary>
public static class CacheProgram
{
    public static void Run()
    {
        Console.WriteLine("right: " + Search(CacheFault.None, 100));
        Console.WriteLine("wrong: " + Search(CacheFault.ClosedAtKill, 2_000));
    }

    private static string Search(CacheFault fault, uint iterations)
    {
        Configuration configuration = Configuration.Create().WithTelemetryEnabled(false).WithRandomGeneratorSeed(1)
            .WithTestingIterations(iterations).WithPartiallyControlledConcurrencyAllowed(false).WithDeadlockTimeout(60_000);
        using TestingEngine engine = TestingEngine.Create(configuration, async () =>
        {
            var cache = new Cache(fault);
            Task<int> reader = Task.Run(cache.Read);
            Task writer = Task.Run(() => cache.Replace("second"));
            await Task.WhenAll(new Task[] { reader, writer });
        });
        engine.Run();
        return engine.TestReport.NumOfFoundBugs == 0 ? "held" : engine.TestReport.BugReports.First().Split('\n')[0];
    }
}
