using Percpu.Interleavings;

namespace Percpu.Programs;

/// <summary>Finds how a message overtakes its data and writes the trace, or replays a trace of that and writes what it violates.</summary>
public static class MessageTrace
{
    /// <param name="trace">The trace to replay; empty to find one.</param>
    public static void Run(string trace)
    {
        AppContext.SetSwitch(Exploring.SwitchName, true);
        Scenario scenario = Scenario.Create("message", stage =>
        {
            var box = new Box();
            stage.NewThread("writer", () =>
            {
                box.Data.WriteRelaxed(1);
                box.Flag.WriteRelaxed(1);
            });
            stage.NewThread("reader", () => Check.That(box.Flag.Read() == 0 || box.Data.Read() == 1, "The flag came first."));
        });
        Verdict verdict = trace.Length == 0 ? scenario.Explore(MemoryModel.Arm64) : scenario.Replay(trace);
        Console.Write(trace.Length == 0 ? verdict.Trace : verdict.Message);
    }

    private sealed class Box
    {
        public AtomicLong Data;
        public AtomicLong Flag;
    }
}
