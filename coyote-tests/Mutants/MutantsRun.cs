using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Percpu.Interleavings.Twins;
using Percpu.Mutants.Building;
using Percpu.Mutants.Exploring;
using Percpu.Mutants.Operators;
using Percpu.Mutants.Reporting;
using Percpu.Mutants.Running;

namespace Percpu.Mutants;

/// <summary>One run of the tool, from the source to the report.</summary>
internal sealed class MutantsRun(MutantsOptions options)
{
    private readonly SourceTree _tree = SourceTree.Find();

    // Several workers ask, and each project is built once.
    private readonly ConcurrentDictionary<string, Lazy<string>> _built = new();

    internal int Run()
    {
        DateTime started = DateTime.UtcNow;
        long began = Stopwatch.GetTimestamp();
        var compiler = new MutantCompiler(_tree);
        IReadOnlyList<Mutant> chosen = Choose(compiler);
        if (FindUnknown(compiler, chosen) is { } unknown)
        {
            Console.Error.WriteLine(unknown);
            return 2;
        }
        if (options.List)
        {
            foreach (Mutant mutant in chosen)
                Console.WriteLine($"{mutant.Id}\n    {mutant.Before}  →  {mutant.Instead}");
            Console.WriteLine($"{chosen.Count} mutants, of which some may not compile.");
            return 0;
        }
        string equivalent = Path.Combine(_tree.Root, "coyote-tests", "Mutants", "equivalent.md");
        var equivalents = new Equivalents(File.ReadAllText(equivalent));
        if (options.Explorer)
            return new ExplorerRun(options, equivalents).Run(new ExplorerCompiler(_tree, compiler), chosen);
        // Some do not compile, so a sample is taken of more than it has.
        MutantBuild build = compiler.Build(options.Sample > 0 ? [.. chosen.Take(options.Sample + options.Sample / 4 + 5)] : chosen);
        int[] numbers = [.. Enumerable.Range(0, build.Mutants.Count)];
        if (options.Sample > 0)
            numbers = [.. numbers.Take(options.Sample)];
        Console.WriteLine($"{numbers.Length} mutants, {numbers.Count(number => build.Mutants[number].Form == MutantForm.Own)} of them with a build of their own; compiled after {Elapsed(began):F0} s.");
        if (numbers.Length == 0)
            return 0;

        using var runner = new MutantRunner(project => _built.GetOrAdd(project, _ => new Lazy<string>(() => Build(project))).Value, compiler, build, options.Limit, options.Workers);
        runner.Classes = options.Classes;
        if (options.Minutes > 0)
            runner.Until = began + (long)(options.Minutes * 60 * Stopwatch.Frequency);
        IReadOnlyList<MutantResult> results =
        [
            .. runner.Run(numbers, options.AllTests, result => Console.WriteLine(MutantReport.Tell(result)))
                .Where(result => result.Verdict != MutantResult.NotCompiled)
                .Select(result => result.Verdict != MutantResult.Caught && equivalents.Contains(result.Mutant) ? result with { Verdict = MutantResult.Equivalent } : result),
        ];
        Report(results, runner, started, began);
        return options.Strict && results.Any(result => result.Verdict is MutantResult.Survived or MutantResult.NoEnd) ? 1 : 0;
    }

    /// <summary>A name in the options that nothing has, with what it should be; null if there is none. Else a mutant that no test was asked
    /// about would be told as one that survived.</summary>
    internal string? FindUnknown(MutantCompiler compiler, IReadOnlyList<Mutant> chosen) =>
        options.Layers.Except(compiler.Files.Select(Mutant.LayerOf)).FirstOrDefault() is { } layer ? $"There is no layer '{layer}': a layer is a folder below a project of src."
        : options.Operators.Except(OperatorCatalog.All.Select(each => each.Name)).FirstOrDefault() is { } name ? $"There is no operator '{name}'; there are {string.Join(", ", OperatorCatalog.All.Select(each => each.Name))}."
        : options.Classes.FirstOrDefault(each => !Layers.HasTestClass(_tree, each)) is { } test ? $"There is no test class '{test}': full names are asked for, such as Percpu.Unit.Gup.SplitTests."
        : options.Mutants.Except(chosen.Select(each => each.Id)).FirstOrDefault() is { } id ? $"There is no mutant '{id}': --list tells their names, which move with the lines of the source."
        : null;

    /// <summary>What is asked for, before anything is compiled; a sample is in an order of its own.</summary>
    internal IReadOnlyList<Mutant> Choose(MutantCompiler compiler)
    {
        if (options.Edits is { } edits)
            return [.. EditedByHand.Read(File.ReadAllText(edits), compiler.TreeOf)];
        ChangedLines? changed = options.ChangedSince is { } start ? ChangedLines.Since(_tree.Root, start) : null;
        List<Mutant> all =
        [
            .. compiler.Files
                .Where(CanRunHere)
                .Where(file => options.Layers.Length == 0 || options.Layers.Contains(Mutant.LayerOf(file)))
                .Where(file => options.File is null || file.Contains(options.File, StringComparison.Ordinal))
                .Where(file => options.Mutants.Length == 0 || options.Mutants.Any(id => id.StartsWith($"{file}:", StringComparison.Ordinal)))
                .Where(file => changed is null || changed.Files.Contains(file))
                .SelectMany(compiler.Find)
                .Where(mutant => options.Mutants.Length > 0 ? options.Mutants.Contains(mutant.Id)
                    : options.Operators.Length > 0 ? options.Operators.Contains(mutant.Operator) : options.Explorer || !OperatorCatalog.OfOrder.Contains(mutant.Operator))
                .Where(mutant => !options.Explorer || ExplorerCompiler.IsOfOrder(mutant))
                .Where(mutant => changed is null || changed.Contains(mutant.File, mutant.Line)),
        ];
        if (options.Sample == 0)
            return all;
        var random = new Random(options.Seed);
        Mutant[] shuffled = [.. all];
        random.Shuffle(shuffled);
        return shuffled;
    }

    // Machine code for another processor: it is text here.
    private static bool CanRunHere(string file) =>
        !file.EndsWith(".Arm64.cs", StringComparison.Ordinal) || RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    private void Report(IReadOnlyList<MutantResult> results, MutantRunner runner, DateTime started, long began)
    {
        foreach (MutantResult result in results.Where(result => result.Verdict is MutantResult.Survived or MutantResult.NoEnd))
            Console.WriteLine($"\n{result.Verdict}: {result.Mutant.Id}\n## {result.Mutant.File}\n{Equivalents.Write(result.Mutant)}");
        string table = MutantReport.Table(results);
        Console.WriteLine($"\n{table}\n{results.Count} mutants in {Elapsed(began):F0} s, {60 * results.Count / runner.Seconds:F0} a minute once they were compiled and it was known who reaches them.");
        if (runner.Left > 0)
            Console.WriteLine($"{runner.Left} were not begun in time.");
        foreach (string name in runner.Failing)
            Console.WriteLine($"Left out, since it fails without a mutant: {name}");
        if (options.Markdown is { } markdown)
            File.WriteAllText(markdown, table);
        if (options.Json is { } json)
            File.WriteAllText(json, MutantReport.Json(results, runner.Failing, options.CommandLine, started, Elapsed(began)));
    }

    private string Build(string project)
    {
        string folder = Path.Combine(_tree.Root, "coyote-tests", project);
        using Process build = Process.Start(new ProcessStartInfo("dotnet", ["build", folder, "-c", "Debug", "-v", "q", "--nologo"]))!;
        build.WaitForExit();
        string built = Path.Combine(folder, "bin", "Debug", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/', '\\')));
        return build.ExitCode == 0 ? built : throw new InvalidOperationException($"The tests in {folder} could not be built.");
    }

    private static double Elapsed(long began) => Stopwatch.GetElapsedTime(began).TotalSeconds;
}
