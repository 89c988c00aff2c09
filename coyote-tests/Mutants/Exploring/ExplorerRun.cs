using System.Diagnostics;
using Percpu.Mutants.Operators;
using Percpu.Mutants.Reporting;

namespace Percpu.Mutants.Exploring;

/// <summary>One run of the tool with the explorer in place of the tests.</summary>
internal sealed class ExplorerRun(MutantsOptions options, Equivalents equivalents)
{
    private readonly DateTime _started = DateTime.UtcNow;
    private readonly long _began = Stopwatch.GetTimestamp();

    internal int Run(ExplorerCompiler compiler, IReadOnlyList<Mutant> chosen)
    {
        Mutant[] inside = [.. chosen.Where(mutant => compiler.Has(mutant.File))];
        if (options.Sample > 0)
            inside = [.. inside.Take(options.Sample)];
        Console.WriteLine($"{inside.Length} mutants for the explorer; {chosen.Count(mutant => !compiler.Has(mutant.File))} others stand in the seam, of which it has one of its own, or in itself.");
        if (inside.Length == 0)
            return 0;
        var runner = new ExplorerRunner(compiler, inside, options.Seconds);
        Console.WriteLine($"{runner.Mutants.Count} compile, and it is known who reaches them, after {Elapsed:F0} s.");
        List<ExplorerResult> results = [];
        while (results.Count < runner.Mutants.Count && (options.Minutes == 0 || Elapsed < options.Minutes * 60))
        {
            results.Add(runner.Run(results.Count));
            Console.WriteLine(ExplorerReport.Tell(results[^1]));
        }
        Report(results, runner.Mutants.Count - results.Count);
        return options.Strict && results.Any(IsLeft) ? 1 : 0;
    }

    private double Elapsed => Stopwatch.GetElapsedTime(_began).TotalSeconds;

    private bool IsLeft(ExplorerResult result) => result.CaughtUnder is null && !equivalents.Contains(result.Mutant);

    private void Report(List<ExplorerResult> results, int left)
    {
        foreach (ExplorerResult result in results.Where(IsLeft))
            Console.WriteLine($"\n{ExplorerReport.Verdict(result, equivalents)}: {result.Mutant.Id}\n## {result.Mutant.File}\n{Equivalents.Write(result.Mutant)}");
        string table = ExplorerReport.Table(results, equivalents);
        Console.WriteLine($"\n{table}\n{results.Count} mutants in {Elapsed:F0} s." + (left > 0 ? $" {left} were not begun in time." : ""));
        if (options.Markdown is { } markdown)
            File.WriteAllText(markdown, table);
        if (options.Json is { } json)
            File.WriteAllText(json, ExplorerReport.Json(results, equivalents, options.CommandLine, _started, Elapsed));
    }
}
