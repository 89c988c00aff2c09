extern alias interleavings;
using interleavings::Percpu.Interleavings.Running;

namespace Percpu.Unit.Explorer;

/// <summary>Every scenario, for a moment: the command line of the interleavings project explores further.</summary>
public sealed class ScenarioTests(ITestOutputHelper output)
{
    public static TheoryData<string, string> All()
    {
        var cases = new TheoryData<string, string>();
        foreach (string scenario in ScenarioRunner.Scenarios)
        {
            cases.Add(scenario, "sc");
            cases.Add(scenario, "tso");
            cases.Add(scenario, "sc-cpu");
            cases.Add(scenario, "tso-cpu");
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Holds(string scenario, string model)
    {
        RunResult result = ScenarioRunner.Run(scenario, model, RunOptions.Quick);
        Assert.True(result.Verdict == "held", $"{result.Message}\n{string.Join('\n', result.Story)}\n{result.Command}");
        output.WriteLine($"{result.Executions} executions, {(result.Exhausted ? "all there are" : "of more")}");
    }

    [Fact]
    public void Every_scenario_has_a_name_of_its_own_and_says_what_it_covers()
    {
        Assert.Equal(ScenarioCatalog.All.Count, ScenarioCatalog.All.Select(scenario => scenario.Name).Distinct().Count());
        Assert.All(ScenarioCatalog.All, scenario =>
        {
            Assert.Matches("^I[0-9]+( I[0-9]+)*$", scenario.Covers);
            Assert.EndsWith(".", scenario.Description, StringComparison.Ordinal);
            Assert.DoesNotContain(':', scenario.Name);
        });
    }
}
