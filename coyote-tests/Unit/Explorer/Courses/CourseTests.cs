using Percpu.Interleavings;
using Percpu.Interleavings.Exploration;
using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;
using Percpu.Unit.Support;
using ScenarioExplorer = Percpu.Interleavings.Running.Explorer;

namespace Percpu.Unit.Explorer.Courses;

/// <summary>
/// A seed, and a trace in somebody's report of a defect, lead tomorrow to the execution to which they led today: so the course of small
/// programs under every model and strategy is kept here, as counts and as a number of everything that happened, and for some of them in words.
/// How to approve a change: <see cref="KeptCourses"/>.
/// </summary>
public sealed class CourseTests
{
    private const int RandomPrograms = 40, StepBound = 60;

    private static readonly string[] Models = ["sc", "tso", "tso-full", "arm64", "arm64-full", "arm64-early"];

    [Theory]
    [InlineData("sc")]
    [InlineData("tso")]
    [InlineData("tso-full")]
    [InlineData("arm64")]
    [InlineData("arm64-full")]
    [InlineData("arm64-early")]
    public void Programs_take_the_courses_that_they_took_before(string model)
    {
        var lines = new List<string>();
        foreach ((string name, string text) in CoursePrograms.Named)
        {
            Explore(name, text, "reduced", static () => new ReducedSearch(), 40);
            if (model is not ("sc" or "tso" or "arm64-early"))
                continue; // The strategies tell the others apart only by what can go on.
            Explore(name, text, "full", static () => new FullSearch(), 20);
            Explore(name, text, "full-1", static () => new FullSearch(1), 20);
            Explore(name, text, "random", static () => new RandomSearch(7), 20);
            Explore(name, text, "pct", static () => new PctSearch(7), 20);
        }
        for (int seed = 0; seed < RandomPrograms; seed++)
            Explore($"random-{seed}", CoursePrograms.AtRandom(seed), "reduced", static () => new ReducedSearch(), 40);
        KeptCourses.Compare($"{model}.txt", lines);

        void Explore(string name, string text, string strategy, Func<Search> search, int executions) =>
            Worker.RunWaiting("the end of an exploration", () => lines.Add(CourseTests.Explore(name, text, model, strategy, search(), executions)));
    }

    [Fact]
    public void Executions_are_told_in_the_words_in_which_they_were_told_before()
    {
        var lines = new List<string>();
        Worker.RunWaiting("the end of an execution", () =>
        {
            for (int i = 0; i < CoursePrograms.Named.Count; i++)
            {
                (string name, string text) = CoursePrograms.Named[i];
                string model = Models[i % Models.Length];
                lines.AddRange(["", $"{name}, {model}: {text}"]);
                lines.AddRange(Tell(name, text, model));
            }
        });
        KeptCourses.Compare("Stories.txt", lines);
    }

    private static string Explore(string name, string text, string model, string strategy, Search search, int executions)
    {
        CourseWorld? world = null;
        using var explorer = new ScenarioExplorer(
            new TestScenario(stage => world = new CourseWorld(stage, text)), MemoryModel.Parse(model), StepBound);
        var recording = new RecordingSearch(search, () => world!.Results);
        explorer.Explore(recording, 0, executions, TimeSpan.MaxValue);
        string end = explorer.Violation is { } violation ? $"  {violation.Kind}: {CourseWorld.WithoutAddresses(world, violation.Message)}  {explorer.Trace!.Choices}" : "";
        return $"{name} {strategy}: {explorer.Executions}{(search.Exhausted ? ", all" : "")}, {explorer.Redundant} redundant, {explorer.Steps} steps {recording.Digest}{end}";
    }

    /// <summary>The story of the second of two random executions, and the one that its trace leads to.</summary>
    private static IReadOnlyList<string> Tell(string name, string text, string model)
    {
        CourseWorld? world = null;
        using var explorer = new ScenarioExplorer(new TestScenario(stage => world = new CourseWorld(stage, text)), MemoryModel.Parse(model), StepBound);
        explorer.Explore(new RandomSearch(7), 0, executions: 2, TimeSpan.MaxValue);
        IReadOnlyList<string> story = Story.Of(explorer.Execution);
        Trace trace = Trace.Of(explorer.Execution, name, 0);
        Violation? violation = explorer.Violation;
        IReadOnlyList<string> replayed = explorer.Replay(Trace.Parse($"{trace}"));
        Assert.True(story.SequenceEqual(replayed), $"{trace} leads elsewhere.");
        Assert.Equal(violation, explorer.Violation);
        return [.. story, violation is null ? $"{trace}" : $"{trace}  {violation.Kind}: {CourseWorld.WithoutAddresses(world, violation.Message)}"];
    }
}
