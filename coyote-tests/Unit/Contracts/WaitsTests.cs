using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Percpu.Unit.Support;
using Percpu.Unit.Waits;

namespace Percpu.Unit.Contracts;

/// <summary><c>docs/waits.md</c> lists every wait of the source, and every call of it is tested.</summary>
public sealed partial class WaitsTests
{
    private static readonly List<(string Name, string Interrupt)> Rows = [.. File.ReadLines(Repository.At("docs/waits.md"))
        .Select(line => Row().Match(line)).Where(match => match.Success).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];

    [Fact]
    public void Every_use_of_a_waiter_has_a_row_and_every_row_a_use()
    {
        var uses = new SortedSet<(string, string)>();
        foreach (SyntaxTree tree in Repository.Trees)
        {
            foreach (MemberAccessExpressionSyntax access in tree.GetRoot(TestContext.Current.CancellationToken).DescendantNodes().OfType<MemberAccessExpressionSyntax>())
            {
                if (access.ToString() is not ("Waiter.Interruptible" or "Waiter.Uninterruptible"))
                    continue;
                string type = access.Ancestors().OfType<TypeDeclarationSyntax>().First().Identifier.Text;
                string method = access.Ancestors().OfType<MethodDeclarationSyntax>().First().Identifier.Text;
                uses.Add(($"{type}.{method}", access.Name.Identifier.Text == "Interruptible" ? "ends it" : "postponed"));
            }
        }
        Assert.True(uses.Count > 10, "The test has gone blind.");
        var listed = new SortedSet<(string, string)>(SourceRows);
        Assert.Equal(uses, listed);
    }

    [Fact]
    public void Nobody_waits_past_the_waiter()
    {
        foreach (SyntaxTree tree in Repository.Trees)
        {
            if (tree.FilePath.Contains("/Seam/", StringComparison.Ordinal))
                continue;
            string text = tree.GetRoot(TestContext.Current.CancellationToken).ToString();
            Assert.DoesNotContain("Parking.Wait(", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Backoff", text, StringComparison.Ordinal);
            Assert.False(Waits().IsMatch(text), $"{tree.FilePath} waits by itself.");
        }
    }

    [Fact]
    public void Every_call_of_the_table_is_tested_and_every_test_is_in_the_table()
    {
        string[] postponed = [.. CallRows.Where(row => row.Interrupt == "postponed").Select(row => row.Name)];
        string[] ended = [.. CallRows.Where(row => row.Interrupt == "ends it").Select(row => row.Name)];
        Assert.Equal(WaitCase.Postponed.Keys, postponed);
        Assert.Equal(WaitCase.Ended.Keys, ended);
    }

    private static IEnumerable<(string Name, string Interrupt)> CallRows => Rows.Take(Rows.Count - SourceCount);

    private static IEnumerable<(string Name, string Interrupt)> SourceRows => Rows.Skip(Rows.Count - SourceCount);

    // The second table has two columns.
    private static int SourceCount => File.ReadLines(Repository.At("docs/waits.md")).Count(line => Row().IsMatch(line) && line.Count(each => each == '|') == 3);

    [GeneratedRegex(@"^\| `([^`]+)` \|(?:.*\|)? (postponed|ends it) \|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"(?<!waiter)\.Wait\((?!\))|Thread\.Sleep|\.Join\(\)|\.SpinOnce")]
    private static partial Regex Waits();
}
