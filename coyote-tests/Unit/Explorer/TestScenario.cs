extern alias interleavings;
using interleavings::Percpu.Interleavings.Exploration;
using interleavings::Percpu.Interleavings.Model;
using interleavings::Percpu.Interleavings.Running;

namespace Percpu.Unit.Explorer;

/// <summary>A scenario written in a test.</summary>
internal sealed class TestScenario(Action<Stage> arrange, int stepBound = 200) : Scenario
{
    internal override string Name => "test";

    internal override string Description => "";

    internal override string Covers => "";

    internal override int StepBound => stepBound;

    internal override void Arrange(Stage stage) => arrange(stage);

    internal RunResult Run(string model, string strategy = "dfs", int preemptions = -1) =>
        ScenarioRunner.Run(this, MemoryModel.Parse(model), new RunOptions { Strategy = strategy, Preemptions = preemptions, Executions = 1_000_000 });

    internal RunResult Replay(string trace) => ScenarioRunner.Replay(this, Trace.Parse(trace));
}
