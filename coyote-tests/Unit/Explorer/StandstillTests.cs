using Percpu.Interleavings.Running;

namespace Percpu.Unit.Explorer;

/// <summary>When an exploration is given up that makes no step.</summary>
public sealed class StandstillTests
{
    [Fact]
    public void Sixty_looks_without_a_step_are_a_stall_and_each_step_begins_anew()
    {
        var standstill = new Standstill();
        for (long step = 1; step <= 3; step++)
        {
            for (int looks = 0; looks < 60; looks++)
                Assert.False(standstill.IsStalled(step), $"Step {step} is given up after {looks} looks.");
        }
        Assert.True(standstill.IsStalled(3));
        Assert.True(standstill.IsStalled(3));
        Assert.False(standstill.IsStalled(2));
    }
}
