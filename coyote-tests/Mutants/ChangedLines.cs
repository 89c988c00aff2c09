using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Percpu.Mutants;

/// <summary>The lines of the source that git says are new or different.</summary>
internal sealed partial class ChangedLines
{
    private readonly Dictionary<string, HashSet<int>> _lines = [];

    /// <param name="diff">As <c>git diff --unified=0</c> writes it.</param>
    internal ChangedLines(string diff)
    {
        HashSet<int> lines = [];
        foreach (string line in diff.Split('\n'))
        {
            if (line.StartsWith("+++ b/", StringComparison.Ordinal))
                _lines[line[6..].Trim()] = lines = [];
            else if (Hunk().Match(line) is { Success: true } hunk)
                lines.UnionWith(Enumerable.Range(Number(hunk.Groups[1]), hunk.Groups[2].Success ? Number(hunk.Groups[2]) : 1));
        }
    }

    internal IEnumerable<string> Files => _lines.Keys;

    internal bool Contains(string file, int line) => _lines.TryGetValue(file, out HashSet<int>? lines) && lines.Contains(line);

    /// <summary>What differs between the working tree and where it left a commit or branch.</summary>
    /// <exception cref="InvalidOperationException">Git does not know it.</exception>
    internal static ChangedLines Since(string root, string start) => new(Git(root, "diff", "--unified=0", Git(root, "merge-base", start, "HEAD").Trim(), "--", "src"));

    private static string Git(string root, params string[] arguments)
    {
        using Process git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = root, RedirectStandardOutput = true })!;
        string output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return git.ExitCode == 0 ? output : throw new InvalidOperationException($"git {string.Join(' ', arguments)} ended with {git.ExitCode}.");
    }

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^@@ -\S+ \+(\d+)(?:,(\d+))? @@")]
    private static partial Regex Hunk();
}
