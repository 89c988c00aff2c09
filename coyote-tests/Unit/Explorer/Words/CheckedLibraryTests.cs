extern alias interleavings;
using interleavings::InterleavingTests;
using interleavings::Percpu.Interleavings.Running;
using CheckedDomain = interleavings::Percpu.EpochDomain;

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

    private static TestScenario Popped(StackFault fault, Action<int>? onReclaimed = null) => new(
        stage =>
        {
            CheckedDomain domain = stage.Domain();
            var stack = new TreiberStack(domain, fault);
            stack.Push(1);
            stack.Push(2);
            long first = 0, second = 0;
            stage.Thread("popper", () => stack.TryPop(out first));
            stage.Thread("reclaimer", () =>
            {
                stack.TryPop(out second);
                int reclaimed = domain.Reclaim();
                if (reclaimed > 0)
                    onReclaimed?.Invoke(reclaimed);
            });
            stage.Finally(() => stage.Check(first + second == 3, $"Popped {first} and {second}."));
        },
        stepBound: 1_000);
}
