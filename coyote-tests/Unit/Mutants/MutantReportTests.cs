extern alias interleavings;

using interleavings::Percpu.Interleavings.Twins;
using Percpu.Mutants;
using Percpu.Mutants.Building;
using Percpu.Mutants.Operators;
using Percpu.Mutants.Reporting;
using Percpu.Mutants.Running;
using Percpu.Unit.Support;

namespace Percpu.Unit.Mutants;

/// <summary>The report of mutants counts what was run, and the list of equivalent ones fits the source.</summary>
public sealed class MutantReportTests
{
    private static readonly Lazy<MutantCompiler> s_compiler = new(static () => new MutantCompiler(SourceTree.Find()));

    [Theory]
    [InlineData("Gup", "boundary", "Percpu.Unit.Gup.SplitTests,Percpu.HostTests.Arrow.AllocatorTests", null)]
    [InlineData("Gub", "", "", "There is no layer 'Gub'")]
    [InlineData("", "bound", "", "There is no operator 'bound'")]
    [InlineData("", "", "SplitTests", "There is no test class 'SplitTests'")]
    [InlineData("", "", "Percpu.Unit.Gup.SplitTests,Percpu.Unit.Gup.Split", "There is no test class 'Percpu.Unit.Gup.Split'")]
    public void A_name_that_nothing_has_is_refused(string layers, string operators, string classes, string? refusal)
    {
        string[] Names(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries);
        var options = new MutantsOptions { CommandLine = "", Layers = Names(layers), Operators = Names(operators), Classes = Names(classes) };
        string? found = new MutantsRun(options).FindUnknown(s_compiler.Value, []);
        Assert.Equal(refusal is null, found is null);
        Assert.StartsWith(refusal ?? "", found ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_mutant_that_is_asked_for_and_not_there_is_told()
    {
        Mutant there = MutantSample.Mutants[0];
        var run = new MutantsRun(new MutantsOptions { CommandLine = "", Mutants = [there.Id, "src/PercpuRef/Nothing.cs:1:1:drop"] });
        Assert.StartsWith("There is no mutant 'src/PercpuRef/Nothing.cs:1:1:drop'", run.FindUnknown(s_compiler.Value, [there]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_counts_each_verdict_once()
    {
        string[] verdicts = [MutantResult.Caught, MutantResult.Caught, MutantResult.Survived, MutantResult.NoEnd, MutantResult.Equivalent];
        MutantResult[] results = [.. verdicts.Select((verdict, at) => new MutantResult(MutantSample.Mutants[at], verdict, "", "", 1, 1))];
        string table = MutantReport.Table(results);
        Assert.Contains("| Layer | 5 | 2 | 1 | 1 | 1 | 50.0 % |", table, StringComparison.Ordinal);
        Assert.Contains("| all | 5 | 2 | 1 | 1 | 1 | 50.0 % |", table, StringComparison.Ordinal);
    }

    [Fact]
    public void An_equivalent_mutant_is_known_by_its_line_and_told_again_when_the_line_has_changed()
    {
        Mutant mutant = MutantSample.Mutants[0];
        string entry = $"## {mutant.File}\n{Equivalents.Write(mutant)} It changes nothing.\n";
        Assert.True(new Equivalents(entry).Contains(mutant));
        Assert.False(new Equivalents(entry.Replace($"``{mutant.LineText}``.", "``another line``.", StringComparison.Ordinal)).Contains(mutant));
        Assert.Throws<FormatException>(() => new Equivalents($"## {mutant.File}\n{Equivalents.Write(mutant)}\n"));
    }

    [Fact]
    public void Every_equivalent_mutant_that_is_listed_still_fits_the_source()
    {
        var list = new Equivalents(File.ReadAllText(Repository.At("coyote-tests/Mutants/equivalent.md")));
        MutantCompiler compiler = s_compiler.Value;
        Assert.All(list.All.GroupBy(entry => entry.File), file =>
        {
            HashSet<Equivalent> found = [.. compiler.Find(file.Key).Select(Equivalents.Of)];
            Assert.All(file, entry => Assert.Contains(entry, found));
        });
    }

    [Fact]
    public void Every_defect_that_is_written_down_still_fits_the_source_and_compiles()
    {
        MutantCompiler compiler = s_compiler.Value;
        Mutant[] written = [.. EditedByHand.Read(File.ReadAllText(Repository.At("coyote-tests/Mutants/written.json")), compiler.TreeOf)];
        Assert.NotEmpty(written);
        Assert.All(written, mutant => Assert.True(compiler.CompilesAlone(mutant), mutant.Id));
    }

    [Fact]
    public void Changed_lines_are_those_that_a_difference_adds()
    {
        var changed = new ChangedLines("--- a/src/A.cs\n+++ b/src/A.cs\n@@ -3 +3,2 @@ x\n+a\n+b\n@@ -9,2 +10 @@\n+c\n");
        Assert.Equal([3, 4, 10], Enumerable.Range(1, 20).Where(line => changed.Contains("src/A.cs", line)));
        Assert.False(changed.Contains("src/B.cs", 3));
    }
}
