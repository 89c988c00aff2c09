using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Percpu.Unit.Support;

namespace Percpu.Unit.Contracts;

/// <summary>A tag is named as a partner behind "with", "and" or "see"; anywhere else, as in
/// <c>// ORDER(kill-3) process-wide fence</c>, it is defined.</summary>
public sealed partial class OrderTagTests
{
    private readonly SortedSet<string> _defined = new(StringComparer.Ordinal);
    private readonly List<(string Tag, string Place)> _named = [];

    public OrderTagTests()
    {
        foreach (SyntaxTree tree in Repository.Trees)
        {
            // One line after the other: a sentence may go on in the next.
            string before = "";
            foreach (SyntaxTrivia comment in Comments(tree))
            {
                string text = before + comment.ToString().TrimStart('/');
                foreach (Match match in Tag().Matches(text).Where(match => match.Index >= before.Length))
                {
                    if (Partner().IsMatch(text.AsSpan(0, match.Index)))
                        _named.Add((match.Groups[1].Value, Repository.Place(tree, comment.Span)));
                    else
                        _defined.Add(match.Groups[1].Value);
                }
                before = text;
            }
        }
    }

    [Fact]
    public void Every_tag_of_the_source_has_exactly_one_row_in_the_memory_model_and_every_row_a_tag()
    {
        string[] rows = [.. File.ReadLines(Repository.At("docs/memory-model.md")).Select(line => Row().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value)];

        Assert.Equal(rows.Distinct(), rows);
        Assert.Equal(_defined, rows.Order(StringComparer.Ordinal));
        Assert.True(_defined.Count > 20 && _named.Count > 20, "The test has gone blind.");
    }

    [Fact]
    public void Every_tag_that_is_named_as_a_partner_is_defined() =>
        Assert.Equal([], _named.Where(each => !_defined.Contains(each.Tag)));

    [Fact]
    public void No_tag_hides_in_another_kind_of_comment()
    {
        foreach (SyntaxTree tree in Repository.Trees)
        {
            int inLineComments = Comments(tree).Sum(each => Tag().Count(each.ToString()));
            Assert.Equal(Tag().Count(tree.ToString()), inLineComments);
        }
    }

    [Fact]
    public void Every_row_of_the_memory_model_is_filled_in()
    {
        foreach (string line in File.ReadLines(Repository.At("docs/memory-model.md")).Where(line => Row().IsMatch(line)))
        {
            string[] cells = line.Trim().Trim('|').Split('|');
            Assert.Equal(6, cells.Length);
            Assert.All(cells, cell => Assert.False(string.IsNullOrWhiteSpace(cell), line));
        }
    }

    private static IEnumerable<SyntaxTrivia> Comments(SyntaxTree tree) =>
        tree.GetRoot().DescendantTrivia().Where(each => each.IsKind(SyntaxKind.SingleLineCommentTrivia));

    [GeneratedRegex(@"\b(with|and|see)\s+$")]
    private static partial Regex Partner();

    [GeneratedRegex(@"ORDER\(([a-z]+-[0-9]+)\)")]
    private static partial Regex Tag();

    [GeneratedRegex(@"^\| *`?([a-z]+-[0-9]+)`? *\|")]
    private static partial Regex Row();
}
