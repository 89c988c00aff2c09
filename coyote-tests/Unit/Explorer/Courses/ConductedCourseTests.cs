using Percpu.Interleavings;
using Percpu.Interleavings.Exploration;
using Percpu.Interleavings.Model;
using Percpu.Unit.Support;

namespace Percpu.Unit.Explorer.Courses;

/// <summary>Under another scheduler the steps, and what makes them possible, are ours still: see <see cref="CourseTests"/>.</summary>
public sealed class ConductedCourseTests
{
    private const int StepBound = 60;

    [Fact]
    public void Programs_take_the_courses_that_they_took_before_under_another_scheduler()
    {
        var lines = new List<string>();
        Worker.RunWaiting("the end of an execution", () =>
        {
            foreach ((string name, string text) in CoursePrograms.Named)
            {
                lines.Add(Run(name, text, 1));
                lines.Add(Run(name, text, 2));
            }
        });
        KeptCourses.Compare("conducted.txt", lines);
    }

    [Fact]
    public void No_other_scheduler_has_store_buffers()
    {
        using var execution = new Execution();
        foreach (MemoryModel model in MemoryModel.All)
        {
            execution.Reset(model);
            execution.AddThread("a", () => { });
            Exception? refused = Record.Exception(() => execution.Run(new TurnConductor(1), StepBound));
            Assert.Equal(model == MemoryModel.Sequential ? null : typeof(InvalidOperationException), refused?.GetType());
        }
    }

    [Fact]
    public void Who_is_given_up_says_once_what_all_were_waiting_for()
    {
        using var execution = new Execution();
        execution.Reset(MemoryModel.Sequential);
        var stage = new Stage(execution, 0);
        _ = new CourseWorld(stage, "await | load x; until x 1");
        execution.Run(new TurnConductor(1), StepBound);
        Assert.Equal((true, "t0 waits for 'signal'; t1 polls x"), (execution.WasGivenUp, execution.WaitsWhenGivenUp));
        Assert.Null(execution.Violation);
        execution.GiveUp();
        Assert.Equal("t0 waits for 'signal'; t1 polls x", execution.WaitsWhenGivenUp);

        execution.Reset(MemoryModel.Sequential);
        _ = new CourseWorld(new Stage(execution, 0), "load x | load x");
        execution.Run(new TurnConductor(1), StepBound);
        Assert.False(execution.WasGivenUp, "It is the execution before that was.");
    }

    private static string Run(string name, string text, int seed)
    {
        using var execution = new Execution();
        execution.Reset(MemoryModel.Sequential);
        var stage = new Stage(execution, 0);
        CourseWorld? world = null;
        var conductor = new TurnConductor(seed);
        var record = new ExecutionRecord();
        string end = "";
        try
        {
            world = new CourseWorld(stage, text);
            execution.Run(conductor, StepBound);
            record.Add(execution, told: true);
            record.Digest.Add(world.Results);
        }
        catch (Exception exception) when (exception is ExecutionAbandonedException or InvalidOperationException)
        {
            end = $"  {exception.GetType().Name}";
        }
        if (execution.Violation is { } violation)
            end += $"  {violation.Kind}: {CourseWorld.WithoutAddresses(world, violation.Message)}";
        if (execution.WasGivenUp)
            end += $"  given up: {execution.WaitsWhenGivenUp}";
        return $"{name}: {Trace.Of(execution, name, 0).Choices} {record.Digest} {conductor.Asked}{end}";
    }
}
