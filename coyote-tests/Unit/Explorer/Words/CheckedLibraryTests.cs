extern alias interleavings;
using interleavings::InterleavingTests;
using interleavings::Percpu.Interleavings.Running;
using interleavings::Percpu.Interleavings.Scenarios;

namespace Percpu.Unit.Explorer.Words;

/// <summary>A structure of the public words over the checked library: each access of its epoch domain is a step of the same execution.</summary>
public sealed class CheckedLibraryTests
{
    [Theory]
    [InlineData(StackFault.NoReadSection, "sc")]
    [InlineData(StackFault.NoReadSection, "tso")]
    [InlineData(StackFault.NoReadSection, "arm64")]
    [InlineData(StackFault.FreesAtOnce, "sc")]
    [InlineData(StackFault.FreesAtOnce, "tso")]
    [InlineData(StackFault.FreesAtOnce, "arm64")]
    public void A_stack_that_frees_too_early_is_found(StackFault fault, string model)
    {
        RunResult result = Popped(fault).Run(model);
        Assert.Equal("violated", result.Verdict);
        Assert.StartsWith("memory: Use after free", result.Message, StringComparison.Ordinal);
        Assert.Equal(result.Message, Popped(fault).Replay(result.Trace).Message);
    }

    [Theory]
    [InlineData("sc")]
    [InlineData("tso")]
    [InlineData("arm64")]
    public void The_stack_holds_and_frees_what_was_popped_in_some_executions(string model)
    {
        int freed = 0;
        RunResult result = Popped(StackFault.None, _ => freed++).Run(model);
        Assert.Equal("held", result.Verdict);
        Assert.True(result.Exhausted);
        Assert.True(freed > 0, "The scenario is pointless: nothing was ever reclaimed while threads ran.");
    }

    private static TestScenario Popped(StackFault fault, Action<int>? onReclaimed = null) =>
        new(stage => TreiberEpoch.Arrange(stage, fault, onReclaimed), stepBound: 1_000);
}
