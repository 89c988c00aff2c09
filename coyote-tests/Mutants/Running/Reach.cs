using System.Globalization;
using System.Text.RegularExpressions;
using Percpu.Interleavings.Twins;

namespace Percpu.Mutants.Running;

/// <summary>Which test classes of a namespace reach which mutants, how long each of them takes, and which tests fail without any mutant.</summary>
internal sealed partial class Reach
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    private readonly Dictionary<string, HashSet<int>> _reached = [];
    private readonly Dictionary<string, double> _seconds = [];

    private Reach()
    {
    }

    /// <summary>Tests that fail with no mutant on: they say nothing, and are left out.</summary>
    internal IReadOnlyList<string> Failing { get; private set; } = [];

    /// <summary>The classes that reach a mutant, the quick ones first.</summary>
    /// <param name="number">Its number, or null if nobody knows who reaches it: then it is all of them.</param>
    internal IReadOnlyList<(string Name, double Seconds)> ClassesFor(int? number) =>
    [
        .. _seconds.Where(pair => number is null || Of(pair.Key).Contains(number.Value) || Of("").Contains(number.Value))
            .OrderBy(pair => pair.Value).Select(pair => (pair.Key, pair.Value)),
    ];

    /// <summary>Runs the tests of a namespace twice: once as they are, once one by one and recorded.</summary>
    internal static Reach Of(string space, TestFolder folder)
    {
        var reach = new Reach();
        string[] filter = ["-namespace", space, "-namespace", $"{space}.*", .. Layers.OverSource.SelectMany(name => (string[])["-class-", name])];
        reach.Failing = FindFailing(folder, filter);
        DirectoryInfo into = Directory.CreateTempSubdirectory("percpu-reach-");
        try
        {
            ThreadRun run = folder.Run([.. filter, "-parallel", "none"], Patience, stopAtFailure: false, (Switch.ReachVariable, into.FullName));
            foreach (Match match in Finish().Matches(run.Output))
            {
                string name = match.Groups[1].Value;
                reach._seconds[name] = reach._seconds.GetValueOrDefault(name) + double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture);
            }
            foreach (string line in into.EnumerateFiles().SelectMany(file => File.ReadLines(file.FullName)))
            {
                string[] parts = line.Split('\t');
                reach._reached.TryAdd(parts[0], []);
                reach._reached[parts[0]].UnionWith(parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse));
            }
            return reach._seconds.Count > 0 ? reach : throw new InvalidOperationException($"No test of {space} ran: {run.Output}");
        }
        finally
        {
            into.Delete(recursive: true);
        }
    }

    /// <summary>The tests that fail without a mutant.</summary>
    internal static IReadOnlyList<string> FindFailing(TestFolder folder, string[] filter) =>
        [.. Failure().Matches(folder.Run(filter, Patience, stopAtFailure: false).Output).Select(match => match.Groups[1].Value).Distinct()];

    private HashSet<int> Of(string name) => _reached.GetValueOrDefault(name, []);

    [GeneratedRegex(@"^ *(Percpu\.[\w.+]+?)\.\w+(?:\(.*\))? \[FINISHED\] Time: ([\d.]+)s", RegexOptions.Multiline)]
    private static partial Regex Finish();

    [GeneratedRegex(@"^ *(Percpu\.[\w.+]+)(?:\(.*\))? \[FAIL\]", RegexOptions.Multiline)]
    private static partial Regex Failure();
}
