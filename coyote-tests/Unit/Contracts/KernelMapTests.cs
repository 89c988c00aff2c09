using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Percpu.Unit.Support;

namespace Percpu.Unit.Contracts;

/// <summary>A row of <c>docs/kernel-map.md</c> names members of the shipped source, and tests.</summary>
public sealed partial class KernelMapTests
{
    private readonly List<string[]> _rows = [.. Rows()];

    [Fact]
    public void Every_name_in_the_column_of_this_library_is_one_of_its_source()
    {
        HashSet<string> names = [.. Repository.Trees.SelectMany(tree => tree.GetRoot().DescendantTokens())
            .Where(token => token.IsKind(SyntaxKind.IdentifierToken)).Select(token => token.Text)];
        Assert.Equal([], _rows.SelectMany(row => NamesIn(row[1])).Where(name => !names.Contains(name)));
    }

    [Fact]
    public void Every_row_names_tests_that_exist_or_says_why_it_is_not_applicable()
    {
        HashSet<string> tests = [.. typeof(KernelMapTests).Assembly.GetTypes().Where(type => type.GetMethods().Any(method => method.IsDefined(typeof(FactAttribute), inherit: true))).Select(type => type.Name)];
        Assert.Equal([], _rows.Where(row => !row[1].StartsWith("not applicable:", StringComparison.Ordinal) && !NamesIn(row[3]).Any(tests.Contains)).Select(row => row[0]));
        Assert.Equal([], _rows.SelectMany(row => NamesIn(row[3])).Where(name => !tests.Contains(name)));
        Assert.True(_rows.Count > 100, "The test has gone blind.");
    }

    private static IEnumerable<string> NamesIn(string cell) =>
        Quoted().Matches(cell).SelectMany(quoted => Name().Matches(quoted.Value)).Select(name => name.Value);

    private static IEnumerable<string[]> Rows()
    {
        bool inside = false;
        foreach (string line in File.ReadLines(Repository.At("docs/kernel-map.md")))
        {
            if (line == "| kernel | here | differs | tests |")
                inside = true;
            else if (!line.StartsWith('|'))
                inside = false;
            else if (inside && !line.StartsWith("|---", StringComparison.Ordinal))
                yield return line.Trim('|').Split('|', StringSplitOptions.TrimEntries);
        }
    }

    [GeneratedRegex("`[^`]+`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\b[A-Z]\w+")]
    private static partial Regex Name();
}
