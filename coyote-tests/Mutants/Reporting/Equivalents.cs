using System.Text.RegularExpressions;
using Percpu.Mutants.Operators;

namespace Percpu.Mutants.Reporting;

/// <summary>
/// The list of equivalent mutants, <c>equivalent.md</c>: a heading of the second level is a file; one of the third level is a mutant in
/// it, <c>operator: ``before`` → ``instead``</c>; below it stand its line of the source, <c>In ``line``.</c>, and why it changes nothing.
/// A line that has changed since no longer fits, so that its argument is looked at again.
/// </summary>
internal sealed partial class Equivalents
{
    private readonly HashSet<Equivalent> _all = [];

    /// <exception cref="FormatException">An entry is not complete, or does not say why.</exception>
    internal Equivalents(string markdown)
    {
        string file = "";
        Match? heading = null;
        string? line = null;
        bool hasReason = true;
        foreach (string text in markdown.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (text.StartsWith("## ", StringComparison.Ordinal) || text.StartsWith("### ", StringComparison.Ordinal))
            {
                if (!hasReason)
                    throw new FormatException($"It does not say why this changes nothing: {file}, {heading}");
                if (text.StartsWith("## ", StringComparison.Ordinal))
                    (file, heading) = (text.EndsWith(".cs", StringComparison.Ordinal) ? text[3..] : throw new FormatException($"This is no file: {text}"), null);
                else
                    (heading, line, hasReason) = (Heading().Match(text) is { Success: true } match ? match : throw new FormatException($"This is no mutant: {text}"), null, false);
            }
            else if (heading is not null && line is null && Line().Match(text) is { Success: true } found)
            {
                line = found.Groups[1].Value;
                _all.Add(new Equivalent(file, heading.Groups[1].Value, heading.Groups[2].Value, heading.Groups[3].Value, line));
                hasReason = found.Groups[2].Length > 0;
            }
            else if (line is not null && text.Length > 0)
            {
                hasReason = true;
            }
        }
        if (!hasReason)
            throw new FormatException($"It does not say why this changes nothing: {file}, {heading}");
    }

    internal IReadOnlyCollection<Equivalent> All => _all;

    internal bool Contains(Mutant mutant) => _all.Contains(Of(mutant));

    internal static Equivalent Of(Mutant mutant) => new(mutant.File, mutant.Operator, mutant.Before, mutant.Instead, mutant.LineText);

    /// <summary>The entry of a mutant as it is written, but for the reason.</summary>
    internal static string Write(Mutant mutant) => $"### {mutant.Operator}: ``{mutant.Before}`` → ``{mutant.Instead}``\nIn ``{mutant.LineText}``.";

    [GeneratedRegex("^### ([a-z-]+): ``(.*)`` → ``(.*)``$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^In ``(.*)``\.\s*(.*)$")]
    private static partial Regex Line();
}
