using Percpu.Interleavings;
using Percpu.Interleavings.Exploration;
using Percpu.Interleavings.Model;
using ScenarioExplorer = Percpu.Interleavings.Running.Explorer;

namespace Percpu.Unit.Explorer;

/// <summary>Priorities that change at a few random steps.</summary>
public sealed unsafe class PctSearchTests
{
    private const ulong Both = 0b11;

    [Fact]
    public void The_first_step_is_a_change_as_often_as_three_random_steps_of_32_say()
    {
        var search = new PctSearch(seed: 1);
        using var execution = new Execution(); // It stands before its first step.
        int changes = 0, first = 0;
        for (int i = 0; i < 2_000; i++)
        {
            search.MoveOn();
            int before = search.Choose(execution, Both);
            changes += search.Choose(execution, Both) == before ? 0 : 1;
            first += before;
        }
        Assert.InRange(changes, 2_000 * 7 / 100, 2_000 * 12 / 100); // 1 - (31/32)^3 is 9 %.
        Assert.InRange(first, 900, 1_100); // And each process is the first as often as the other.
    }

    [Fact]
    public void Where_no_priority_changes_processes_are_in_one_order_whoever_can_go_on()
    {
        var search = new PctSearch(seed: 1);
        using var execution = new Execution();
        int fallen = 0;
        for (int i = 0; i < 500; i++)
        {
            search.MoveOn();
            int[] order = [search.Choose(execution, 0b111), search.Choose(execution, 0b111)];
            if (order[0] == order[1])
            {
                int second = search.Choose(execution, 0b111UL & ~(1UL << order[0])), third = 3 - order[0] - second;
                Assert.Equal((order[0], second), (search.Choose(execution, 1UL << order[0] | 1UL << third), search.Choose(execution, 1UL << second | 1UL << third)));
                Assert.Equal(third, search.Choose(execution, 1UL << third));
                continue;
            }
            fallen++;
        }
        Assert.InRange(fallen, 1, 100);
    }

    [Fact]
    public void An_execution_has_at_most_three_changes_and_they_lie_anywhere_in_the_longest_so_far()
    {
        const int Steps = 40;
        Scenario scenario = Scenario.Create("steps", stage =>
        {
            var shared = new WordCount();
            for (int i = 0; i < 2; i++)
            {
                stage.NewThread($"{i}", () =>
                {
                    for (int step = 0; step < Steps; step++)
                        shared.Word.Read();
                });
            }
        });
        int most = 0, latest = 0;
        var firsts = new HashSet<int>();
        using var explorer = new ScenarioExplorer(scenario, MemoryModel.Sequential, stepBound: 200);
        explorer.Observer = execution =>
        {
            int changes = 0;
            for (int i = 1; i < execution.StepCount; i++)
            {
                if (execution.StepAt(i).Process == execution.StepAt(i - 1).Process || execution.StepAt(i - 1).Kind == StepKind.End)
                    continue;
                changes++;
                latest = Math.Max(latest, i);
            }
            most = Math.Max(most, changes);
            firsts.Add(execution.StepAt(0).Process);
        };
        explorer.Explore(new PctSearch(seed: 1), variant: 0, executions: 300, TimeSpan.MaxValue);
        Assert.Null(explorer.Violation);
        Assert.Equal([0, 1], firsts.Order());
        Assert.Equal(3, most);
        Assert.InRange(latest, 60, 2 * (Steps + 2));
    }

    [Fact]
    public void A_random_choice_is_each_of_those_that_can_go_on_as_often_as_the_others()
    {
        var random = new Random(1);
        var chosen = new int[64];
        for (int i = 0; i < 3_000; i++)
            chosen[RandomSearch.Choose(random, 1UL << 63 | 1UL << 5 | 1)]++;
        Assert.Equal(3_000, chosen[0] + chosen[5] + chosen[63]);
        Assert.All((int[])[chosen[0], chosen[5], chosen[63]], count => Assert.InRange(count, 900, 1_100));
    }

    private sealed class WordCount
    {
        internal AtomicLong Word;
    }
}
