using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Engines;

/// <summary>A scheduler of somebody else that can run our scenarios.</summary>
internal abstract class Engine
{
    /// <summary>Explores a scenario.</summary>
    /// <exception cref="UnsupportedException">This engine has no such memory model or strategy.</exception>
    internal abstract RunResult Run(Scenario scenario, MemoryModel model, RunOptions options);

    /// <summary>Runs one recorded execution again: of a scenario of the catalog, or of this one.</summary>
    /// <exception cref="FormatException">Not a trace of this engine.</exception>
    internal abstract RunResult Replay(string trace, Scenario? scenario = null);
}
