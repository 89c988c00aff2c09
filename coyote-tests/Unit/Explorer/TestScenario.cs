extern alias interleavings;
using Percpu.Interleavings.Exploration;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;
using interleavings::Percpu.Interleavings.Running;

namespace Percpu.Unit.Explorer;

/// <summary>A scenario written in a test.</summary>
internal sealed class TestScenario(Action<Stage> arrange, int stepBound = 200) : Scenario
{
    public override string Name => "test";

    public override string Description => "";

    public override string Covers => "";

    public override int StepBound => stepBound;

    public override void Arrange(Stage stage) => arrange(stage);

    internal RunResult Run(string model, string strategy = "dfs", int preemptions = -1) =>
        ScenarioRunner.Run(this, MemoryModel.Parse(model), new RunOptions { Strategy = strategy, Preemptions = preemptions, Executions = 1_000_000 });

    internal new RunResult Replay(string trace) => ScenarioRunner.Replay(this, Trace.Parse(trace));
}
