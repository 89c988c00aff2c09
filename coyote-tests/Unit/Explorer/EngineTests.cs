extern alias interleavings;
using interleavings::Percpu.Interleavings.CommandLine;
using interleavings::Percpu.Interleavings.Engines;
using interleavings::Percpu.Interleavings.Running;

namespace Percpu.Unit.Explorer;

/// <summary>What holds in every build, with the second engine and without.</summary>
public sealed class EngineTests
{
    [Fact]
    public void Store_buffers_under_Coyote_are_refused_and_not_passed_over() =>
        Assert.Throws<UnsupportedException>(() => ScenarioRunner.Run(ScenarioRunner.Scenarios[0], "tso", new RunOptions { Engine = "coyote" }));

    [Theory]
    [InlineData("--engine", "coyote", "--model", "tso")]
    [InlineData("--engine", "coyote", "--strategy", "dfs")]
    [InlineData("--engine", "coyote", "--preemptions", "2")]
    public void What_an_engine_cannot_do_is_not_supported(params string[] arguments) =>
        Assert.Equal(3, InterleavingsCommand.Run(arguments));

    [Fact]
    public void The_built_in_explorer_is_the_default() =>
        Assert.Equal("builtin", ScenarioRunner.Run(ScenarioRunner.Scenarios[0], "sc", new RunOptions { Executions = 1 }).Engine);
}
