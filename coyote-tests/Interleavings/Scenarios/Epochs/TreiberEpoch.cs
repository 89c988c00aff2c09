using InterleavingTests;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A stack of the public words, from the examples, whose nodes an epoch domain reclaims: the explorer's users and the library in one execution.</summary>
internal sealed class TreiberEpoch : Scenario
{
    public override string Name => "treiber-epoch";

    public override string Description => "Two threads pop from a stack of public words, and one reclaims what is retired.";

    public override string Covers => "I30 I36";

    public override void Arrange(Stage stage) => Arrange(stage, StackFault.None);

    /// <summary>The same with a fault in the stack.</summary>
    /// <param name="stage">Where.</param>
    /// <param name="fault">What is wrong with the stack.</param>
    /// <param name="onReclaimed">Told how many nodes were reclaimed, if any.</param>
    internal static void Arrange(Stage stage, StackFault fault, Action<int>? onReclaimed = null)
    {
        EpochDomain domain = stage.Domain();
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
    }
}
