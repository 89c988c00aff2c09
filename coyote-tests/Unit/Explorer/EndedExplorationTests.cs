extern alias interleavings;
using System.Runtime.CompilerServices;
using interleavings::Percpu.Interleavings.Running;
using Percpu.Interleavings.Exploration;
using Collector = Percpu.Unit.Support.Collector;
using Percpu.Interleavings.Running;

namespace Percpu.Unit.Explorer;

/// <summary>An exploration that has ended leaves nothing: whoever runs them by the thousand, as the tool of mutants does, has memory for all.</summary>
public sealed class EndedExplorationTests
{
    [Fact]
    public void Nothing_of_a_scenario_keeps_its_execution_alive()
    {
        (string Name, WeakReference Execution)[] ended = [.. ScenarioCatalog.All.Select(scenario => (scenario.Name, Explore(scenario)))];
        Assert.NotEmpty(ended);
        bool AllGone() => Array.TrueForAll(ended, each => !each.Execution.IsAlive);
        try
        {
            Collector.CollectUntil(AllGone);
        }
        catch (Xunit.Sdk.XunitException)
        {
            Assert.Fail($"Still alive: {string.Join(", ", ended.Where(each => each.Execution.IsAlive).Select(each => each.Name))}.");
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Explore(Percpu.Interleavings.Scenario scenario)
    {
        using var explorer = new Percpu.Interleavings.Running.Explorer(scenario, Percpu.Interleavings.MemoryModel.Parse("sc"), scenario.StepBound);
        explorer.Explore(new RandomSearch(1), 0, executions: 3, TimeSpan.FromSeconds(60));
        return new WeakReference(explorer.Execution);
    }
}
