using Percpu.Interleavings;
using Percpu.Interleavings.Exploration;
using ScenarioExplorer = Percpu.Interleavings.Running.Explorer;

namespace Percpu.Unit.Explorer;

/// <summary>How much the reduced search runs in vain: what it sees of a program, ReductionTests compare.</summary>
public sealed class SearchCostTests
{
    [Theory]
    [InlineData(2, 2, 19, 0)]
    [InlineData(3, 2, 914, 0)]
    [InlineData(4, 1, 120, 0)]
    public void The_reduction_runs_no_more_executions_than_it_did(int threads, int rounds, long executions, long redundant)
    {
        Scenario scenario = Scenario.Create("cost", stage =>
        {
            var shared = new Shared();
            for (int i = 0; i < threads; i++)
            {
                int own = i;
                stage.NewThread($"{i}", () =>
                {
                    for (int round = 0; round < rounds; round++)
                    {
                        if (own % 2 == 0)
                        {
                            shared.X.Write(own);
                            shared.Y.Read();
                        }
                        else
                        {
                            shared.Y.Write(own);
                            shared.X.Read();
                        }
                    }
                });
            }
        });
        using var explorer = new ScenarioExplorer(scenario, MemoryModel.Sequential, stepBound: 200);
        var search = new ReducedSearch();
        explorer.Explore(search, variant: 0, executions: 1_000_000, TimeSpan.MaxValue);
        Assert.True(search.Exhausted);
        Assert.Equal((executions, redundant), (explorer.Executions, explorer.Redundant));
    }

    private sealed class Shared
    {
        internal AtomicLong X;
        internal AtomicLong Y;
    }
}
