using Percpu.Interleavings.Engines;

namespace Percpu.Interleavings.Running;

/// <summary>How to explore. Simple types only: also set by reflection, from outside the assembly.</summary>
public sealed class RunOptions
{
    /// <summary>builtin, or coyote (not in a build with -p:Coyote=false).</summary>
    public string Engine { get; set; } = EngineCatalog.BuiltIn;

    /// <summary>At most so many executions; 0 for the scenario's own budget.</summary>
    public long Executions { get; set; }

    /// <summary>At most so many seconds; 0 for no limit.</summary>
    public double Seconds { get; set; }

    /// <summary>auto (reduced; what is too large continues with pct), dfs, full (without reduction), random, or pct. Of Coyote:
    /// auto (its fair portfolio), random, probabilistic, pct (its prioritization), delay-bounding, or q-learning.</summary>
    public string Strategy { get; set; } = "auto";

    /// <summary>At most so many preemptions in an execution, without reduction; negative for no bound.</summary>
    public int Preemptions { get; set; } = -1;

    /// <summary>For random and pct.</summary>
    public int Seed { get; set; } = 1;

    /// <summary>More steps than this are a violation; 0 for the scenario's own bound.</summary>
    public int StepBound { get; set; }

    /// <summary>A budget that lets all scenarios run within a minute.</summary>
    public static RunOptions Quick => new() { Executions = 12_000, Seconds = 0.25 };
}
