using System.Collections.Concurrent;
using System.Diagnostics;
using Percpu.Interleavings.Twins;
using Percpu.Mutants.Building;
using Percpu.Mutants.Operators;

namespace Percpu.Mutants.Running;

/// <summary>Runs the tests that reach each mutant: the quick classes of its layer, then its slow ones, then, if asked, all others.</summary>
internal sealed class MutantRunner : IDisposable
{
    private const double QuickSeconds = 3;

    /// <summary>What is added to the time that the tests take by themselves: more than the minute that a test waits for its threads, so
    /// that one of a mutant that hangs can say what it waited for.</summary>
    private const double Patience = 75;

    private readonly MutantCompiler _compiler;
    private readonly MutantBuild _build;
    private readonly TimeSpan _limit;
    private readonly TestFolders[] _workers;
    private readonly ConcurrentDictionary<string, Reach> _reach = new();
    private IReadOnlyList<string> _failingOverSource = [];
    private double _overSourceSeconds;

    /// <param name="builtOf">Where a test project was built, by its folder in coyote-tests.</param>
    /// <param name="compiler">For the mutants that have a build of their own.</param>
    /// <param name="build">All others, and the probes.</param>
    /// <param name="limit">At most so long for each run of the tests.</param>
    /// <param name="workers">How many of them run side by side.</param>
    internal MutantRunner(Func<string, string> builtOf, MutantCompiler compiler, MutantBuild build, TimeSpan limit, int workers)
    {
        (_compiler, _build, _limit) = (compiler, build, limit);
        _workers = [.. Enumerable.Range(0, workers).Select(worker => new TestFolders(builtOf, $"{worker}"))];
    }

    /// <summary>Tests that were left out, since they fail without any mutant.</summary>
    internal IEnumerable<string> Failing => _reach.Values.SelectMany(reach => reach.Failing).Concat(_failingOverSource).Distinct().Order(StringComparer.Ordinal);

    /// <summary>No mutant is begun after this timestamp of <see cref="Stopwatch"/>.</summary>
    internal long Until { get; set; } = long.MaxValue;

    /// <summary>If any: these test classes are run, and nothing is recorded.</summary>
    internal IReadOnlyList<string> Classes { get; set; } = [];

    /// <summary>How many were not begun.</summary>
    internal int Left { get; private set; }

    /// <summary>How long the mutants took, without what was recorded before them.</summary>
    internal double Seconds { get; private set; }

    /// <summary>Runs mutants.</summary>
    /// <param name="numbers">Which ones, by their number in the build.</param>
    /// <param name="allTests">Whether those that survive the tests of their layer meet the others, too.</param>
    /// <param name="told">Is told of each as it ends.</param>
    internal IReadOnlyList<MutantResult> Run(IReadOnlyList<int> numbers, bool allTests, Action<MutantResult> told)
    {
        Record(numbers.SelectMany(number => Layers.TestsOf(_build.Mutants[number].Layer)).Distinct());
        MutantResult[] results = InParallel(numbers, (worker, number) => Run(worker, number, Layers.TestsOf(_build.Mutants[number].Layer)), told);
        Left = numbers.Count - results.Length; // Who is not begun again below keeps its verdict.
        if (allTests && Survivors(numbers, results) is { Length: > 0 } left)
        {
            Record(Layers.Rest);
            results = Replace(results, InParallel(left, (worker, number) =>
                Run(worker, number, Layers.Rest.Except(Layers.TestsOf(_build.Mutants[number].Layer))), told));
        }
        int[] overSource = [.. Classes.Count > 0 ? [] : Survivors(numbers, results).Where(number => Layers.ClassesOverSource(_build.Mutants[number].Layer).Count > 0)];
        if (overSource.Length == 0)
            return results;
        RecordOverSource([.. overSource.SelectMany(number => Layers.ClassesOverSource(_build.Mutants[number].Layer)).Distinct()]);
        Dictionary<string, MutantResult> before = results.ToDictionary(result => result.Mutant.Id);
        return Replace(results, InParallel(overSource, (worker, number) => RunOverSource(worker, before[_build.Mutants[number].Id]), told));
    }

    private int[] Survivors(IReadOnlyList<int> numbers, IReadOnlyList<MutantResult> results)
    {
        HashSet<string> survived = [.. results.Where(result => result.Verdict == MutantResult.Survived).Select(result => result.Mutant.Id)];
        return [.. numbers.Where(number => survived.Contains(_build.Mutants[number].Id))];
    }

    private static MutantResult[] Replace(IReadOnlyList<MutantResult> results, IReadOnlyList<MutantResult> later)
    {
        Dictionary<string, MutantResult> second = later.ToDictionary(result => result.Mutant.Id);
        return [.. results.Select(result => second.GetValueOrDefault(result.Mutant.Id, result))];
    }

    public void Dispose() => Array.ForEach(_workers, worker => worker.Dispose());

    // One after the other: how long a class takes is measured here.
    private void Record(IEnumerable<string> spaces)
    {
        if (Classes.Count > 0)
            return;
        foreach (string space in spaces)
        {
            TestFolder folder = _workers[0].Of(space);
            folder.Use(_build.Images);
            _reach.GetOrAdd(space, _ => Reach.Of(space, folder));
        }
    }

    // Those that fail so are left out, too.
    private void RecordOverSource(string[] classes)
    {
        TestFolder folder = _workers[0].Of(classes[0]);
        folder.Use(_build.Images);
        long began = Stopwatch.GetTimestamp();
        _failingOverSource = Reach.FindFailing(folder, OverSourceFilter(classes));
        _overSourceSeconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    // Whether each place that asks for memory is reached is no matter of one mutant: it may be such a place that it leaves out.
    private static string[] OverSourceFilter(IEnumerable<string> classes) => [.. classes.SelectMany(name => (string[])["-class", name]), "-method-", $"{Layers.OverSource[^1]}.Every_place_*"];

    private MutantResult[] InParallel(IReadOnlyList<int> numbers, Func<TestFolders, int, MutantResult> run, Action<MutantResult> told)
    {
        var results = new MutantResult?[numbers.Count];
        int next = -1;
        long began = Stopwatch.GetTimestamp();
        Task[] workers = [.. _workers.Select(worker => Task.Factory.StartNew(
            () =>
            {
                for (int at; (at = Interlocked.Increment(ref next)) < numbers.Count && Stopwatch.GetTimestamp() < Until;)
                {
                    MutantResult result = run(worker, numbers[at]);
                    lock (results)
                        told(results[at] = result);
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Task.WaitAll(workers);
        Seconds += Stopwatch.GetElapsedTime(began).TotalSeconds;
        return [.. results.OfType<MutantResult>()];
    }

    private MutantResult Run(TestFolders worker, int number, IEnumerable<string> spaces)
    {
        Mutant mutant = _build.Mutants[number];
        bool isPerCpu = Places.RunsPerCpu(mutant.Node);
        bool isOwn = mutant.Form == MutantForm.Own, hasProbe = !isPerCpu && (!isOwn || mutant.Node.Parent?.FirstAncestorOrSelf<Microsoft.CodeAnalysis.CSharp.Syntax.BlockSyntax>() is not null);
        // How long they take is not known: all of them together, up to the limit.
        (string Name, double Seconds)[] classes = Classes.Count > 0 ? [.. Classes.Select(name => (name, _limit.TotalSeconds))] : [.. spaces.SelectMany(space => _reach[space].ClassesFor(hasProbe ? number : null)).OrderBy(one => one.Seconds)];
        long began = Stopwatch.GetTimestamp();
        MutantResult With(string verdict, string by = "", string message = "") =>
            new(mutant, verdict, by, message, classes.Length, Stopwatch.GetElapsedTime(began).TotalSeconds);

        if (classes.Length == 0)
            return With(MutantResult.Survived, message: "No test reaches it.");
        TestFolder folder = worker.Of(classes[0].Name);
        try
        {
            folder.Use(isOwn ? _compiler.BuildAlone(mutant) : _build.Images);
        }
        catch (TwinOutdatedException refused)
        {
            return With(MutantResult.NotCompiled, message: refused.Message.Split('\n')[0]);
        }
        double sum = 0;
        foreach (IGrouping<bool, (string Name, double Seconds)> part in classes.GroupBy(one => (sum += one.Seconds) > QuickSeconds))
        {
            ThreadRun run = StartPatiently(folder, number, [.. part], isQuick: !part.Key);
            ThreadOutcome outcome = UnitLayer.JudgeRun("", run);
            if (outcome.Verdict == ThreadOutcome.NotRun)
                throw new InvalidOperationException($"The tests of {mutant.Id} did not run: {run.Output}");
            if (outcome.Verdict == ThreadOutcome.Caught)
                return With(run.ExitCode is null && !run.Output.Contains("[FAIL]", StringComparison.Ordinal) ? MutantResult.NoEnd : MutantResult.Caught, outcome.By, outcome.Message);
        }
        return With(MutantResult.Survived);
    }

    /// <summary>What the shipped assemblies let live meets the tests that compile the source: one file of it is the mutant's.</summary>
    private MutantResult RunOverSource(TestFolders worker, MutantResult survived)
    {
        IReadOnlyList<string> classes = Layers.ClassesOverSource(survived.Mutant.Layer);
        TestFolder folder = worker.Of(classes[0]);
        folder.Use(_build.Images);
        DirectoryInfo source = Directory.CreateTempSubdirectory("percpu-mutant-");
        try
        {
            string file = Path.Combine(source.FullName, survived.Mutant.File);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, survived.Mutant.Apply());
            string[] filter = [.. OverSourceFilter(classes), .. Failing.SelectMany(name => (string[])["-method-", name]), "-stopOnFail"];
            ThreadRun run = folder.Run(filter, TimeSpan.FromSeconds(Patience + 4 * _overSourceSeconds), stopAtFailure: true, (Switch.SourceVariable, source.FullName));
            ThreadOutcome outcome = UnitLayer.JudgeRun("", run);
            if (outcome.Verdict == ThreadOutcome.NotRun)
                throw new InvalidOperationException($"The tests over the source of {survived.Mutant.Id} did not run: {run.Output}");
            survived = survived with { Seconds = survived.Seconds + run.Seconds };
            if (outcome.Verdict != ThreadOutcome.Caught)
                return survived;
            bool hasEnded = run.ExitCode is not null || run.Output.Contains("[FAIL]", StringComparison.Ordinal);
            return survived with { Verdict = hasEnded ? MutantResult.Caught : MutantResult.NoEnd, By = outcome.By, Message = outcome.Message };
        }
        finally
        {
            source.Delete(recursive: true);
        }
    }

    // The machine may have other work. What does not end is compared with no mutant, now, and has thrice its time then.
    private ThreadRun StartPatiently(TestFolder folder, int number, (string Name, double Seconds)[] classes, bool isQuick)
    {
        TimeSpan limit = Shorter(Patience + 4 * classes.Sum(one => one.Seconds));
        ThreadRun run = Start(folder, number, classes, limit, isQuick);
        if (run.ExitCode is not null || run.Output.Contains("[FAIL]", StringComparison.Ordinal) || limit == _limit)
            return run;
        ShippedImages? own = folder.Images;
        folder.Use(_build.Images);
        TimeSpan longer = Shorter(Patience + 3 * Start(folder, -1, classes, _limit, isQuick).Seconds);
        folder.Use(own!);
        return longer > limit ? Start(folder, number, classes, longer, isQuick) : run;
    }

    private TimeSpan Shorter(double seconds) => TimeSpan.FromSeconds(Math.Min(_limit.TotalSeconds, seconds));

    private ThreadRun Start(TestFolder folder, int number, (string Name, double Seconds)[] classes, TimeSpan limit, bool isQuick)
    {
        string[] filter =
        [
            // All quick classes at once: one that hangs keeps no other from its turn.
            .. isQuick ? (string[])["-maxThreads", $"{classes.Length}"] : [],
            .. classes.SelectMany(one => (string[])["-class", one.Name]),
            .. Failing.SelectMany(name => (string[])["-method-", name]),
            "-stopOnFail",
        ];
        // -1 is none, and then the kind does not matter.
        string kind = number >= 0 && Places.RunsPerCpu(_build.Mutants[number].Node) ? "cpu" : "thread";
        return folder.Run(filter, limit, stopAtFailure: true, (Switch.ActiveVariable, $"{number}"), ("PERCPU_STRIPES", kind));
    }
}
