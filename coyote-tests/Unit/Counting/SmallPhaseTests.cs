using Percpu.Unit.Counting.Drivers;

namespace Percpu.Unit.Counting;

public sealed class SmallPhaseTests(ITestOutputHelper output)
{
    [Fact]
    public void I26_with_a_phase_of_one_bit_that_every_second_switch_wraps_the_stress_still_holds()
    {
        int seed = Random.Shared.Next(1, 10_000_000);
        output.WriteLine($"seed {seed}");
        object? violation = SourceVariant.Compile(
            typeof(SmallPhaseDriver), [("CountWord.cs", "PhaseBits = 16", "PhaseBits = 1")], "coyote-tests/Unit/Counting/Stress.cs")
            .Run(nameof(SmallPhaseDriver.Run), seed);
        Assert.Null(violation);
    }
}
