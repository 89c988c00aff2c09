using System.Globalization;
using System.Text.RegularExpressions;

namespace Percpu.Results;

/// <summary>Tables and figures as Markdown.</summary>
internal static partial class Markdown
{
    /// <param name="left">So many columns are text; the others are figures, at the right.</param>
    internal static IEnumerable<string> Table(int left, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows) =>
        [Row(header), $"|{string.Concat(header.Select((_, column) => column < left ? "---|" : "---:|"))}", .. rows.Select(Row)];

    /// <summary>Three digits, more before the point.</summary>
    internal static string Number(double value) =>
        value.ToString(value >= 99.95 ? "N0" : value >= 9.995 ? "F1" : value >= 0.0995 || value == 0 ? "F2" : "F4", CultureInfo.InvariantCulture);

    internal static string Number(double? value) => value is { } known ? Number(known) : "";

    internal static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    internal static string Threads(int count) => count == 1 ? "1 thread" : $"{count} threads";

    /// <summary>A command line in which absolute paths, which are of one machine, are the names of their files.</summary>
    internal static string WithoutFolders(string command) => Folders().Replace(command, "");

    /// <summary>Source text on one line of a table, at most 80 characters of it.</summary>
    internal static string Code(string source)
    {
        string line = string.Join(' ', source.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Replace("|", "\\|", StringComparison.Ordinal);
        return $"`` {(line.Length > 80 ? line[..80] + " ..." : line)} ``";
    }

    [GeneratedRegex(@"(?<=^|[\s=])(?:[A-Za-z]:)?[/\\](?:[^\s/\\]+[/\\])*(?=[^\s/\\])")]
    private static partial Regex Folders();

    private static string Row(IReadOnlyList<string> cells) => $"| {string.Join(" | ", cells)} |".Replace("|  |", "| |", StringComparison.Ordinal);
}
