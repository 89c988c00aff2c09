extern alias interleavings;
using System.Text.Json;
using interleavings::Percpu.Interleavings.CommandLine;
using interleavings::Percpu.Interleavings.Running;

namespace Percpu.Unit.Explorer;

/// <summary>What the command line promises to scripts.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData(0, "--list")]
    [InlineData(0, "--scenario", "tryget-live-kill-1", "--model", "sc", "--executions", "10")]
    [InlineData(2, "--scenario", "no-such-scenario")]
    [InlineData(2, "--scenario", "tryget-live-kill-1", "--model", "no-such-model")]
    [InlineData(2, "--scenario", "tryget-live-kill-1", "--strategy", "no-such-strategy")]
    [InlineData(2, "--replay", "not a trace")]
    [InlineData(2, "--replay", "tryget-live-kill-1:0:sc:a99")]
    [InlineData(0, "--replay", "tryget-live-kill-1:0:sc:a5b")]
    [InlineData(3, "--engine", "no-such-engine")]
    public void Exit_codes(int expected, params string[] arguments) =>
        Assert.Equal(expected, InterleavingsCommand.Run(arguments));

    [Fact]
    public void Json_holds_every_scenario_and_model_asked_for()
    {
        string file = Path.GetTempFileName();
        try
        {
            Assert.Equal(0, InterleavingsCommand.Run(["--scenario", "put-kill-1", "--json", file]));
            using JsonDocument json = JsonDocument.Parse(File.ReadAllText(file));
            JsonElement[] results = [.. json.RootElement.GetProperty("results").EnumerateArray()];
            Assert.Equal(["sc", "tso", "sc-cpu", "tso-cpu"], results.Select(result => result.GetProperty("model").GetString()));
            foreach (JsonElement result in results)
            {
                Assert.Equal("put-kill-1", result.GetProperty("scenario").GetString());
                Assert.Equal("builtin", result.GetProperty("engine").GetString());
                Assert.Equal("dfs", result.GetProperty("strategy").GetString());
                Assert.Equal("held", result.GetProperty("verdict").GetString());
                Assert.True(result.GetProperty("exhausted").GetBoolean());
                Assert.True(result.GetProperty("executions").GetInt64() > 0);
                Assert.True(result.GetProperty("steps").GetInt64() > 0);
                Assert.True(result.GetProperty("seconds").GetDouble() >= 0);
                Assert.Equal("", result.GetProperty("trace").GetString());
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void The_same_seed_explores_the_same_executions()
    {
        var options = new RunOptions { Strategy = "random", Seed = 7, Executions = 200 };
        RunResult first = ScenarioRunner.Run("tryget-live-kill-1", "tso", options);
        RunResult second = ScenarioRunner.Run("tryget-live-kill-1", "tso", options);
        Assert.Equal(first.Steps, second.Steps);
    }
}
