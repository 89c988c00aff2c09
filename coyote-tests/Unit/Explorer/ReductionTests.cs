extern alias interleavings;
using System.Text;
using Percpu.Interleavings.Exploration;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;
using interleavings::Percpu.Interleavings.Running;
using Atomic = interleavings::Percpu.Memory.Atomic;
using WordLock = interleavings::Percpu.Memory.WordLock;

namespace Percpu.Unit.Explorer;

/// <summary>
/// The reduced search against the full one, on small random programs: it must see every class of executions that the full
/// search sees (by their causal order), and no class twice.
/// </summary>
public sealed unsafe class ReductionTests
{
    [Theory]
    [InlineData("sc", 2, 3, 2_000, 40)]
    [InlineData("sc", 3, 2, 2_000, 40)]
    [InlineData("tso", 2, 2, 2_000, 40)]
    [InlineData("tso", 3, 1, 8_000, 14)]
    [InlineData("tso-full", 2, 2, 2_000, 40)]
    [InlineData("arm64", 2, 2, 2_000, 40)]
    [InlineData("arm64", 2, 3, 2_000, 40)]
    [InlineData("arm64-full", 2, 3, 2_000, 40)]
    public void The_reduced_search_sees_exactly_the_classes_that_the_full_one_sees(string model, int threads, int operations, long limit, int programs)
    {
        int compared = 0;
        for (int seed = 0; seed < programs; seed++)
        {
            int[][] program = RandomProgram(new Random(seed), threads, operations, lateReads: model.StartsWith("arm64", StringComparison.Ordinal));
            if (Classes(program, model, new FullSearch(), limit) is not { } full)
                continue; // Too many interleavings.
            List<string> reduced = Classes(program, model, new ReducedSearch())!;
            string text = $"seed {seed}: {string.Join(" | ", program.Select(thread => string.Join(' ', thread.Select(Name))))}";
            Assert.True(new HashSet<string>(full).SetEquals(reduced), $"{text}: {full.Distinct().Count()} classes, {reduced.Count} seen");
            Assert.True(reduced.Distinct().Count() == reduced.Count, $"{text}: a class was seen twice");
            compared++;
        }
        Assert.InRange(compared, 2, programs);
    }

    [Fact]
    public void Independent_threads_have_one_class()
    {
        List<string> reduced = Classes([[0, 0, 0], [1, 1, 1], [2, 2, 2]], "sc", new ReducedSearch())!;
        Assert.Single(reduced);
    }

    // 0-2: store to a word. 3-5: load. 6-8: fetch-add. 9: full fence. 10: process-wide fence. 11-12: a locked store.
    // 13: try to lock. 14-16: plain store. 17-19: late read. 20: poll until a word is set, which somebody must do.
    private static int[][] RandomProgram(Random random, int threads, int operations, bool lateReads)
    {
        var program = new int[threads][];
        for (int i = 0; i < threads; i++)
        {
            program[i] = new int[random.Next(1, operations + 1)];
            for (int j = 0; j < program[i].Length; j++)
                program[i][j] = random.Next(lateReads ? 20 : 17);
        }
        if (random.Next(3) == 0)
        {
            program[0][0] = 20;
            program[1][^1] = 0;
        }
        return program;
    }

    private static string Name(int operation) => operation switch
    {
        < 3 => $"store{operation}",
        < 6 => $"load{operation - 3}",
        < 9 => $"add{operation - 6}",
        9 => "fence",
        10 => "process-wide-fence",
        11 or 12 => $"locked-store{operation - 11}",
        13 => "try-lock",
        < 17 => $"plain{operation - 14}",
        < 20 => $"late-read{operation - 17}",
        _ => "poll0",
    };

    private static List<string>? Classes(int[][] program, string model, Search search, long limit = long.MaxValue)
    {
        var classes = new List<string>();
        var order = new CausalOrder();
        using var explorer = new Percpu.Interleavings.Running.Explorer(new TestScenario(stage => Arrange(stage, program)), MemoryModel.Parse(model), 200)
        {
            Observer = execution => classes.Add(ClassOf(execution, order)),
        };
        explorer.Explore(search, 0, limit, TimeSpan.MaxValue);
        Assert.Null(explorer.Violation);
        return search.Exhausted ? classes : null;
    }

    private static void Arrange(Stage stage, int[][] program)
    {
        long* words = (long*)stage.Execution.Heap.Allocate(4 * sizeof(long));
        for (int i = 0; i < program.Length; i++)
        {
            int[] operations = program[i];
            stage.NewThread($"{i}", () =>
            {
                foreach (int operation in operations)
                    Perform(stage, operation, words);
            });
        }
    }

    private static void Perform(Stage stage, int operation, long* words)
    {
        switch (operation)
        {
            case < 3:
                Atomic.StoreRelease(words + operation, operation + 1);
                break;
            case < 6:
                Atomic.LoadAcquire(words + operation - 3);
                break;
            case < 9:
                Atomic.FetchAdd(words + operation - 6, 1);
                break;
            case 9:
                Atomic.FullFence();
                break;
            case 10:
                Atomic.ProcessWideFence();
                break;
            case 11 or 12:
                WordLock.Enter(words + 3);
                Atomic.StoreRelease(words + operation - 11, 7);
                WordLock.Exit(words + 3);
                break;
            case 13:
                if (WordLock.TryEnter(words + 3))
                    WordLock.Exit(words + 3);
                break;
            case < 17:
                Atomic.StoreLocal(words + operation - 14, operation);
                break;
            case < 20:
                stage.Use(words + operation - 17, static _ => true, "");
                break;
            default:
                while (Atomic.LoadAcquire(words) == 0)
                    default(interleavings::Percpu.Memory.Backoff).Pause();
                break;
        }
    }

    private static string ClassOf(Execution execution, CausalOrder order)
    {
        order.Analyse(execution, execution.StepCount, 0, static (_, _) => { });
        var processes = new SortedDictionary<int, StringBuilder>();
        for (int i = 0; i < execution.StepCount; i++)
        {
            int process = execution.StepAt(i).Process;
            if (!processes.TryGetValue(process, out StringBuilder? text))
                processes.Add(process, text = new StringBuilder($"{process}:"));
            text.Append(execution.StepAt(i).Kind).Append('(').AppendJoin(',', execution.AccessesOf(i).ToArray()).Append('@')
                .AppendJoin(',', order.ClockOf(i).ToArray()).Append(')');
        }
        return string.Join('\n', processes.Values);
    }
}
