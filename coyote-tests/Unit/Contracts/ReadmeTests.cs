using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Percpu.Unit.Support;

namespace Percpu.Unit.Contracts;

/// <summary>
/// Every C# block of the READMEs, which are the packages' pages, compiles; a block behind the mark <c>run</c> runs, and writes every line that its comments
/// say it prints; one behind the mark <c>fragment</c> is compiled as the body of a method that has the usual things at hand.
/// </summary>
public sealed partial class ReadmeTests
{
    private const string Preamble = """
        using Percpu; using Percpu.Buffers; using Percpu.Pagemap;
        class Fragment
        {
            async Task Body(PercpuRef reference, EpochDomain domain, MappedFile file, PagemapTable table, string path, CancellationToken cancellationToken)
            {
                await Task.CompletedTask;
        """;

    private static readonly string[] Pages = ["README.md", "src/PercpuRef.Pagemap/README.md"];

    public static TheoryData<string, int> Blocks()
    {
        var blocks = new TheoryData<string, int>();
        foreach (string page in Pages)
        {
            for (int i = 0; i < Read(page).Count; i++)
                blocks.Add(page, i);
        }
        return blocks;
    }

    [Fact]
    public void Each_README_has_examples_and_runs_one() => Assert.All(Pages, page => Assert.Contains(Read(page), block => block.Mark == "run"));

    [Theory]
    [MemberData(nameof(Blocks))]
    public void An_example_of_a_README_compiles_and_runs(string page, int number)
    {
        (string mark, string code) = Read(page)[number];
        bool fragment = mark == "fragment";
        bool program = !fragment && HasStatements(code);
        string text = fragment ? $"{Preamble}\n{code}\n}} }}" : code;
        Assert.Empty(Snippets.Errors(Snippets.Compile(text, program ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary)));
        if (mark != "run")
            return;
        if (code.Contains("AddDevice", StringComparison.Ordinal))
            Needs.RangesBackedByFiles();
        string written = OwnProcess.RunText(code);
        foreach (Match promise in Prints().Matches(code))
            Assert.Contains(promise.Groups[1].Value, written, StringComparison.Ordinal);
    }

    private static bool HasStatements(string code) =>
        Snippets.Compile(code, OutputKind.ConsoleApplication).SyntaxTrees.Any(tree =>
            tree.GetRoot().DescendantNodes().Any(node => node is Microsoft.CodeAnalysis.CSharp.Syntax.GlobalStatementSyntax));

    private static List<(string Mark, string Code)> Read(string page)
    {
        string text = File.ReadAllText(Repository.At(page)).ReplaceLineEndings("\n");
        var blocks = Block().Matches(text).Select(match => (match.Groups["mark"].Value, match.Groups["code"].Value)).ToList();
        int fences = Fence().Count(text);
        Assert.True(fences == blocks.Count, $"{fences} fences of C# begin in {page}, {blocks.Count} were understood.");
        return blocks;
    }

    [GeneratedRegex(@"(?:^<!-- (?<mark>run|fragment) -->\n+)?^```csharp\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^\s*```\s*(csharp|cs|c#)\b", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Fence();

    [GeneratedRegex(@"// .*?\bprints (\S+)")]
    private static partial Regex Prints();
}
