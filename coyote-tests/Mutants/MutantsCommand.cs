using System.CommandLine;

namespace Percpu.Mutants;

/// <summary>The command line: see the README, or <c>--help</c>.</summary>
internal static class MutantsCommand
{
    private static readonly Option<string?> Layer = new("--layer") { Description = "Only these layers, separated by commas: a folder below a project of src." };
    private static readonly Option<string?> FilePath = new("--file") { Description = "Only files whose path contains this." };
    private static readonly Option<string?> Operator = new("--operator") { Description = "Only these operators, separated by commas (default: all but order and fence, which are for the explorer)." };
    private static readonly Option<string?> Changed = new("--changed") { Description = "Only lines that differ from a commit or branch of git; main if none is named.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<int> Sample = new("--sample") { Description = "So many, chosen at random." };
    private static readonly Option<int> Seed = new("--seed") { Description = "What --sample chooses by.", DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> Mutant = new("--mutant") { Description = "Only these, by their names as --list tells them, separated by commas." };
    private static readonly Option<FileInfo?> Edits = new("--edits") { Description = "Instead of what the operators make: edits from a JSON file, each with a name, a file, and its old and new text." };
    private static readonly Option<string?> Class = new("--class") { Description = "Run these test classes (full names, separated by commas) instead of those that reach a mutant, without recording: does this test catch it?" };
    private static readonly Option<bool> List = new("--list") { Description = "List them, and run nothing." };
    private static readonly Option<bool> Explorer = new("--explorer") { Description = "Ask the explorer's memory models instead of the tests: orders and fences, and swaps of two accesses to memory that threads share." };
    private static readonly Option<double> Seconds = new("--seconds") { Description = "With --explorer: so long for each mutant and model.", DefaultValueFactory = _ => 10 };
    private static readonly Option<bool> AllTests = new("--all-tests") { Description = "What survives the tests of its layer meets those of all layers." };
    private static readonly Option<double> Limit = new("--limit") { Description = "At most so many seconds for each run of the tests.", DefaultValueFactory = _ => 120 };
    private static readonly Option<double> Minutes = new("--minutes") { Description = "Begin no mutant after so long; the report says how many were left." };
    private static readonly Option<int> Workers = new("--workers") { Description = "So many runs of the tests side by side.", DefaultValueFactory = _ => Environment.ProcessorCount };
    private static readonly Option<FileInfo?> Json = new("--json") { Description = "Write the results to this file." };
    private static readonly Option<FileInfo?> Markdown = new("--markdown") { Description = "Write the table of layers to this file." };
    private static readonly Option<bool> Strict = new("--strict") { Description = "Exit code 1 if a mutant survives or does not end, and is not argued to be equivalent." };

    internal static int Run(string[] args)
    {
        var command = new RootCommand("Makes small defects in the shipped source, and says which of them the unit tests catch.")
        {
            Layer, FilePath, Operator, Changed, Sample, Seed, Mutant, Edits, Class, List, Explorer, Seconds, AllTests, Limit, Minutes, Workers, Json, Markdown, Strict,
        };
        string line = string.Join(' ', ["PercpuRef.Mutants", .. args]);
        command.SetAction(arguments => new MutantsRun(new MutantsOptions
        {
            CommandLine = line,
            Layers = Names(arguments.GetValue(Layer)),
            File = arguments.GetValue(FilePath),
            Operators = Names(arguments.GetValue(Operator)),
            ChangedSince = arguments.GetResult(Changed) is null ? null : arguments.GetValue(Changed) ?? "main",
            Sample = arguments.GetValue(Sample),
            Seed = arguments.GetValue(Seed),
            Mutants = Names(arguments.GetValue(Mutant)),
            Edits = arguments.GetValue(Edits)?.FullName,
            Classes = Names(arguments.GetValue(Class)),
            List = arguments.GetValue(List),
            Explorer = arguments.GetValue(Explorer),
            Seconds = arguments.GetValue(Seconds),
            AllTests = arguments.GetValue(AllTests),
            Limit = TimeSpan.FromSeconds(arguments.GetValue(Limit)),
            Minutes = arguments.GetValue(Minutes),
            Workers = arguments.GetValue(Workers),
            Json = arguments.GetValue(Json)?.FullName,
            Markdown = arguments.GetValue(Markdown)?.FullName,
            Strict = arguments.GetValue(Strict),
        }).Run());
        return command.Parse(args).Invoke();
    }

    private static string[] Names(string? text) => text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
