using System.Text.RegularExpressions;
using Percpu.Results.Runs;

namespace Percpu.Results;

/// <summary>
/// All that is made from results: what stands between <c>&lt;!-- table: RUN/TABLE --&gt;</c> and <c>&lt;!-- end --&gt;</c> in the README
/// and under <c>docs</c>, and the plots.
/// </summary>
internal sealed partial class Documents(string root)
{
    private readonly ResultFolder _results = new(root);

    internal IEnumerable<Document> Outdated() => All().Where(document => document.IsOutdated);

    /// <exception cref="InvalidDataException">A mark names a run or a table that is not there, or a file cannot be read.</exception>
    internal IEnumerable<Document> All() => Pages().Concat(Plots.All(_results).Select(plot => new Document(root, plot.Path, plot.Svg)));

    private IEnumerable<Document> Pages()
    {
        foreach (string path in Markdown().Order(StringComparer.Ordinal))
        {
            string text = File.ReadAllText(Path.Combine(root, path)).ReplaceLineEndings("\n");
            int marks = Start().Count(text), ends = End().Count(text), whole = Mark().Count(text);
            if (marks != whole || ends != whole)
                throw new InvalidDataException($"{path}: {marks} marks of tables begin, {ends} end, {whole} are a line '<!-- table: RUN/TABLE -->' with its line '<!-- end -->'.");
            if (whole > 0)
                yield return new Document(root, path, Mark().Replace(text, mark => $"{mark.Groups["start"].Value}\n{Fill(path, mark.Groups["run"].Value, mark.Groups["table"].Value)}\n<!-- end -->"));
        }
    }

    private IEnumerable<string> Markdown() =>
        Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(root, "README.md"))
            .Select(path => Path.GetRelativePath(root, path).Replace('\\', '/'))
            .Where(path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal));

    private string Fill(string path, string run, string table)
    {
        try
        {
            return string.Join('\n', _results.Open(run).Table(table));
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{path}: '{run}/{table}': {exception.Message}", exception);
        }
    }

    [GeneratedRegex(@"(?<start>^<!-- table: (?<run>[a-z0-9-]+)/(?<table>[a-z0-9-]+) -->$)\n(?:(?!<!-- ).*\n)*?<!-- end -->$", RegexOptions.Multiline)]
    private static partial Regex Mark();

    [GeneratedRegex(@"^<!--\s*table", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex Start();

    [GeneratedRegex(@"^<!--\s*end\s*-->", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex End();
}
