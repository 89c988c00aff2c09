using Percpu.Interleavings;
using Percpu.Unit.Support;

namespace Percpu.Unit.Explorer.Words;

/// <summary>What crosses from one process to the next: a trace, as text.</summary>
public sealed class NewProcessTests
{
    private const string Program = """
        using Percpu.Interleavings;

        AppContext.SetSwitch(Exploring.SwitchName, true);
        Scenario scenario = Scenario.Create("message", stage =>
        {
            var box = new Box();
            stage.NewThread("writer", () => { box.Data.WriteRelaxed(1); box.Flag.WriteRelaxed(1); });
            stage.NewThread("reader", () => Check.That(box.Flag.Read() == 0 || box.Data.Read() == 1, "The flag came first."));
        });
        string trace = "{TRACE}";
        Verdict verdict = trace.Length == 0 ? scenario.Explore(MemoryModel.Arm64) : scenario.Replay(trace);
        Console.Write(trace.Length == 0 ? verdict.Trace : verdict.Message);

        sealed class Box { public AtomicLong Data; public AtomicLong Flag; }
        """;

    [Fact]
    public void I81_a_trace_replays_in_a_process_of_its_own()
    {
        string trace = Programs.Run(Program.Replace("{TRACE}", "", StringComparison.Ordinal));
        Assert.StartsWith("message:0:arm64:", trace, StringComparison.Ordinal);
        Assert.Equal("check: The flag came first.", Programs.Run(Program.Replace("{TRACE}", trace, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_process_that_explores_nothing_says_how_to_switch_it_on()
    {
        string written = Programs.Run("""
            using Percpu.Interleavings;

            try
            {
                Scenario.Create("none", _ => { }).Explore(MemoryModel.Sequential);
            }
            catch (InvalidOperationException exception)
            {
                Console.Write(exception.Message);
            }
            """);
        Assert.Contains("<PercpuInterleavings>true</PercpuInterleavings>", written, StringComparison.Ordinal);
        Assert.Contains(Exploring.SwitchName, written, StringComparison.Ordinal);
    }
}
