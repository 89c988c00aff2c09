using InterleavingTests;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A stack of the public words, from the examples, whose nodes an epoch domain reclaims: the explorer's users and the library in one execution.</summary>
internal sealed class TreiberEpoch : Scenario
{
    public override string Name => "treiber-epoch";

    public override string Description => "Two threads pop from a stack of public words, and one reclaims what is retired.";

    public override string Covers => "I30 I36";

    public override void Arrange(Stage stage)
    {
        EpochDomain domain = stage.Domain();
        var stack = new TreiberStack(domain, StackFault.None);
        stack.Push(1);
        stack.Push(2);
        long first = 0, second = 0;
        stage.Thread("popper", () => stack.TryPop(out first));
        stage.Thread("reclaimer", () =>
        {
            stack.TryPop(out second);
            stack.Reclaim();
        });
        stage.Finally(() => stage.Check(first + second == 3, $"Popped {first} and {second}."));
    }
}
