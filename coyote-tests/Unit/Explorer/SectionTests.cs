extern alias interleavings;
using Percpu.Interleavings;
using interleavings::Percpu.Interleavings.Running;
using Atomic = interleavings::Percpu.Memory.Atomic;

namespace Percpu.Unit.Explorer;

/// <summary>Restartable sequences of the memory models.</summary>
public sealed unsafe class SectionTests
{
    /// <summary>As a processor's loads find its own stores in its store buffer.</summary>
    [Theory]
    [InlineData("sc")]
    [InlineData("tso")]
    [InlineData("arm64")]
    public void A_section_sees_its_own_threads_stores_before_they_reach_memory(string model)
    {
        var scenario = new TestScenario(stage =>
        {
            // The areas begin at address 0: the mode is the address of the stripe.
            long* mode = stage.Word("mode"), first = stage.Word("first"), second = stage.Word("second");
            *mode = (long)first;
            stage.NewThread("a", () =>
            {
                stage.Check(Add(mode, 1), "The first section was refused.");
                Atomic.StoreRelease(mode, (long)second);
                stage.Check(Add(mode, 2), "The second section was refused.");
                Atomic.StoreRelease(mode, -1);
                stage.Check(!Add(mode, 4), "A section has counted where the mode has no stripe.");
            });
            stage.NewThread("b", () => Atomic.LoadAcquire(first));
            stage.Finally(() => stage.Check((*first, *second) == (1, 2), $"{*first} and {*second}, in place of 1 and 2."));
        });
        RunResult result = scenario.Run(model);
        Assert.True(result.Verdict == "held" && result.Exhausted, result.Message);
    }

    private static bool Add(long* mode, long count)
    {
        ModelThread thread = ModelThread.Current;
        return thread.Execution.AddInSection(thread, mode, count, restartsWhenMoved: true, restartsWhenFenced: true, default);
    }
}
