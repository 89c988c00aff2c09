extern alias interleavings;
using System.Reflection;
using System.Text.RegularExpressions;
using interleavings::Percpu.Interleavings.Running;
using interleavings::Percpu.Interleavings.Twins;
using Percpu.Unit.Support;

namespace Percpu.Unit.Contracts;

/// <summary>Holds <c>docs/invariants.md</c> to what tests say of themselves. To renew its last column, run with the environment
/// variable PERCPU_ACCEPT_DOCS=1 and commit the file.</summary>
public sealed partial class InvariantsTests
{
    private const string Accept = "PERCPU_ACCEPT_DOCS";

    /// <summary>Numbers that no test carries yet, each with what it waits for. Only ever shorter.</summary>
    private static readonly Dictionary<int, string> Untested = [];

    private readonly string _file = Repository.At("docs/invariants.md");

    [Fact]
    public void Every_row_names_what_tests_it()
    {
        string text = File.ReadAllText(_file).ReplaceLineEndings("\n");
        string expected = Row().Replace(text, row => $"| {row.Groups[1].Value} | {row.Groups[2].Value} | {TestedBy(int.Parse(row.Groups[1].ValueSpan[1..]))} |");
        if (Environment.GetEnvironmentVariable(Accept) == "1")
            File.WriteAllText(_file, text = expected);

        Assert.True(text == expected, $"docs/invariants.md is behind the tests: run this test with {Accept}=1 and commit it.");
    }

    [Fact]
    public void Every_number_that_a_test_or_scenario_names_is_defined_once_and_every_defined_one_is_tested()
    {
        int[] defined = [.. Row().Matches(File.ReadAllText(_file)).Select(row => int.Parse(row.Groups[1].ValueSpan[1..]))];
        HashSet<int> named = [.. UnitTests.Keys, .. Scenarios.Keys];

        Assert.Equal(defined.Distinct(), defined);
        Assert.Equal([], named.Except(defined));
        Assert.Equal([], defined.Except(named).Except(Untested.Keys));
        Assert.Equal([], Untested.Keys.Intersect(named)); // It has its test: out of the list.
        Assert.True(named.Count > 50, "The test has gone blind.");
    }

    private static Dictionary<int, List<string>> UnitTests { get; } = Collect(
        typeof(InvariantsTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => method.GetCustomAttributes().Any(attribute => attribute is FactAttribute))
            .Select(method => (Prefix().Match(method.Name).Value, method.DeclaringType!.Name)));

    private static Dictionary<int, List<string>> Scenarios { get; } = Collect(
        ScenarioCatalog.All.Select(scenario => (scenario.Covers, scenario.Name)));

    private static string TestedBy(int number)
    {
        List<string> tests = UnitTests.GetValueOrDefault(number, []), scenarios = Scenarios.GetValueOrDefault(number, []);
        int twins = TwinCatalog.All.Count(twin => twin.Scenarios.Any(scenarios.Contains));
        List<string> parts = [];
        if (tests.Count > 0)
            parts.Add(Listed(tests));
        if (scenarios.Count > 0)
            parts.Add($"scenarios {Listed(scenarios)}");
        if (twins > 0)
            parts.Add(twins == 1 ? "1 wrong variant" : $"{twins} wrong variants");
        return parts.Count > 0 ? string.Join("; ", parts) : $"not yet: {Untested.GetValueOrDefault(number, "nothing")}";
    }

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"`{name}`"));

    private static Dictionary<int, List<string>> Collect(IEnumerable<(string Numbers, string Name)> named) =>
        named.SelectMany(each => Number().Matches(each.Numbers).Select(match => (Number: int.Parse(match.Groups[1].ValueSpan), each.Name)))
            .Distinct()
            .GroupBy(each => each.Number, each => each.Name)
            .ToDictionary(group => group.Key, group => group.Order(StringComparer.Ordinal).ToList());

    [GeneratedRegex(@"^\| (I[0-9]+) \| (.+?) \|[^|]*\|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^(I[0-9]+_)+")]
    private static partial Regex Prefix();

    [GeneratedRegex(@"I([0-9]+)(?![0-9])")]
    private static partial Regex Number();
}
