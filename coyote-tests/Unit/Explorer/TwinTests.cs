extern alias interleavings;

using System.Text;
using interleavings::Percpu.Interleavings.Twins;
using Microsoft.CodeAnalysis;

namespace Percpu.Unit.Explorer;

/// <summary>Twins still fit the source. That each is caught takes minutes: <c>Interleavings --twins</c>.</summary>
public sealed class TwinTests
{
    private static readonly TwinCompiler Compiler = new(SourceTree.Find());

    public static TheoryData<string> Names => [.. TwinCatalog.All.Select(twin => twin.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_twin_still_fits_the_source_and_compiles(string name) =>
        Compiler.Check(TwinCatalog.All.Single(twin => twin.Name == name));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_twin_makes_the_same_tokens_of_source_that_was_formatted_differently(bool onePerLine)
    {
        IReadOnlyDictionary<string, string> sources = SourceTree.Find().Read();
        Dictionary<string, string> formatted = TwinCatalog.All.SelectMany(twin => twin.Edits).Select(edit => edit.File).Distinct()
            .ToDictionary(file => file, file => Format(sources[file], onePerLine));
        Assert.All(TwinCatalog.All, twin =>
        {
            IReadOnlyDictionary<string, string> expected = twin.Apply(sources);
            Assert.All(twin.Apply(formatted), edited => Assert.Equal(Tokens(expected[edited.Key]), Tokens(edited.Value)));
        });
    }

    [Fact]
    public void A_text_that_stands_in_two_members_is_edited_in_the_one_that_is_named()
    {
        const string Source = "class C { int A() { return 1; }\n  int B() { return /* one */\n    1; } }";
        Assert.Throws<TwinOutdatedException>(() => new Edit("C.cs", "return 1;", "return 2;").Apply(Source, "both"));
        Assert.Throws<TwinOutdatedException>(() => new Edit("C.cs", "return 1;", "return 2;", "D").Apply(Source, "neither"));
        Assert.Equal("class C { int A() { return 1; }\n  int B() { return 2; } }", new Edit("C.cs", "return  1 ;", "return 2;", "B").Apply(Source, "one"));
    }

    [Theory]
    [InlineData("no-process-wide-fence")]
    [InlineData("central-before-stripes")]
    [InlineData("no-second-check-get")]
    [InlineData("unmap-before-last-unpin")]
    public void A_twin_is_caught_by_its_layer_and_not_by_a_weaker_one(string name) =>
        Assert.True(new TwinRunner(Compiler).Run(TwinCatalog.All.Single(twin => twin.Name == name), seconds: 120, executions: 50_000).AsExpected);

    [Fact]
    public void A_twin_whose_text_is_gone_fails_loudly()
    {
        Twin stale = TwinCatalog.All[0] with { Name = "stale", Edits = [new Edit("src/PercpuRef/Counting/PercpuRef.cs", "no such text", "")] };
        Assert.Contains("no such text", Assert.Throws<TwinOutdatedException>(() => Compiler.Check(stale)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_shipped_assemblies_can_be_compiled_with_a_defect_for_the_layers_of_real_threads()
    {
        var compiler = new ShippedCompiler(SourceTree.Find());
        Assert.True(compiler.CanCompile(TwinCatalog.All[0]));
        Assert.False(compiler.CanCompile(TwinCatalog.All.Single(twin => twin.Name == "light-fence-not-full")));
        var context = new System.Runtime.Loader.AssemblyLoadContext("shipped twin", isCollectible: true);
        foreach (byte[] image in compiler.Compile(TwinCatalog.All[0]).Files.Values)
        {
            using var stream = new MemoryStream(image);
            Assert.NotEmpty(context.LoadFromStream(stream).GetTypes());
        }
        context.Unload();
    }

    [Theory]
    [InlineData(0, "    A.B [STARTING]\n    A.B [FINISHED] Time: 0.1s\n", "passes", "Layer")]
    [InlineData(1, "    A.B [STARTING]\n    A.B [FAIL]\n      Assert.Equal() Failure\n", "caught", "A.B")]
    [InlineData(200, "    A.B [FAIL]\n      Assert.Equal() Failure\n", "caught", "A.B")]
    [InlineData(134, "    A.B [STARTING]\n    A.B [FINISHED] Time: 0.1s\n    C.D(seed: 1) [STARTING]\n    E.F [STARTING]\n", "caught", "C.D(seed: 1) E.F")]
    [InlineData(null, "    A.B [STARTING]\n    A.B [FINISHED] Time: 0.1s\n    C.D [STARTING]\n", "caught", "C.D")]
    [InlineData(3, "unknown option", "not run", "Layer")]
    public void A_run_of_the_unit_tests_is_judged_by_the_test_that_failed_or_those_that_never_ended(int? exitCode, string output, string verdict, string by)
    {
        ThreadOutcome outcome = UnitLayer.JudgeRun("Layer", new ThreadRun(exitCode, output, Seconds: 12));
        Assert.Equal((verdict, by), (outcome.Verdict, outcome.By));
    }

    private static IEnumerable<string> Tokens(string text) => Edit.Tokens(text).Select(token => token.Text);

    /// <summary>The same tokens with nothing but blanks between them, or each on a line of its own below its comments.</summary>
    private static string Format(string text, bool onePerLine)
    {
        var formatted = new StringBuilder();
        foreach (SyntaxToken token in Edit.Tokens(text))
        {
            bool keeps = onePerLine || token.LeadingTrivia.Any(trivia => trivia.IsDirective); // A directive needs its line.
            bool isRightShift = token.Text.StartsWith('>') && !token.HasLeadingTrivia; // Apart it would be two comparisons.
            if (!isRightShift)
                formatted.Append(keeps ? "\n \t" : " ");
            formatted.Append(keeps ? token.ToFullString() : token.Text);
        }
        return formatted.ToString();
    }
}
