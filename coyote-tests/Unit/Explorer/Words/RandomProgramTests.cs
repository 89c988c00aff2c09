using System.Text;
using Percpu.Interleavings;

namespace Percpu.Unit.Explorer.Words;

/// <summary>Small random programs: the reduced search shows every result that the search without reduction shows, under each model.</summary>
public sealed class RandomProgramTests
{
    private const int Programs = 8, Operations = 3;

    [Theory]
    [InlineData("sc", 2)]
    [InlineData("tso", 2)]
    [InlineData("arm64", 2)]
    public void The_reduction_leaves_no_result_out(string model, int threads)
    {
        int results = 0;
        for (int seed = 0; seed < Programs; seed++)
        {
            int[][] program = Program(new Random(seed), threads);
            SortedSet<string> reduced = Results(program, model, null), all = Results(program, model, 1_000);
            Assert.True(all.SetEquals(reduced), $"Program {seed} ({Tell(program)}) shows {string.Join(' ', all)}, and reduced {string.Join(' ', reduced)}.");
            results += all.Count;
        }
        Assert.True(results > 2 * Programs, "The programs are pointless: they show next to nothing.");
    }

    private static int[][] Program(Random random, int threads) =>
        [.. Enumerable.Range(0, threads).Select(_ => Enumerable.Range(0, Operations).Select(_ => random.Next(20)).ToArray())];

    private static SortedSet<string> Results(int[][] program, string model, int? preemptions)
    {
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        Scenario scenario = Scenario.Create("random", stage =>
        {
            var words = new WordPair();
            var results = new StringBuilder[program.Length];
            for (int i = 0; i < program.Length; i++)
            {
                int thread = i;
                StringBuilder result = results[i] = new StringBuilder();
                stage.NewThread($"t{i}", () =>
                {
                    for (int at = 0; at < program[thread].Length; at++)
                        Do(program[thread][at], words, 10 * (thread + 1) + at, result);
                });
            }
            stage.Finally(() => seen.Add($"{string.Join('/', results.Select(each => each.ToString()))}/{words.X.Read()},{words.Y.Read()}"));
        });
        Verdict verdict = scenario.Explore(new ExploreOptions { Model = PublicModels.Of(model), Preemptions = preemptions, Executions = 5_000_000 }).MustHold();
        Assert.True(verdict.Exhausted, $"Too large: {Tell(program)}");
        return seen;
    }

    private static void Do(int operation, WordPair words, long value, StringBuilder result)
    {
        ref AtomicLong word = ref operation % 2 == 0 ? ref words.X : ref words.Y;
        switch (operation / 2)
        {
            case 0 or 1:
                result.Append(word.ReadRelaxed()).Append(' ');
                break;
            case 2 or 3:
                result.Append(word.Read()).Append(' ');
                break;
            case 4 or 5:
                word.WriteRelaxed(value);
                break;
            case 6 or 7:
                word.Write(value);
                break;
            case 8:
                result.Append(word.Exchange(value)).Append(' ');
                break;
            default:
                if (operation % 2 == 0)
                    Fence.Read();
                else
                    Fence.Full();
                break;
        }
    }

    private static string Tell(int[][] program) => string.Join(" | ", program.Select(each => string.Join(' ', each)));
}
