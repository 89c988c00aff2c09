using Percpu.Torture.Faults;

namespace Percpu.Torture.Parts;

/// <summary>What every workload works with.</summary>
internal sealed class Stage
{
    internal Stage(ulong seed, double seconds, StageMode mode)
    {
        Seed = seed;
        Seconds = seconds;
        Mode = mode;
        Crew = new Crew(seed, Findings);
        Faults = new FaultDesk(seed, seconds);
    }

    internal ulong Seed { get; }

    internal double Seconds { get; }

    internal StageMode Mode { get; }

    internal Findings Findings { get; } = new();

    internal Quarantine Quarantine { get; } = new();

    internal Crew Crew { get; }

    internal FaultDesk Faults { get; }

    /// <summary>Readers outnumber the cores, so that they are stopped inside operations.</summary>
    internal int Readers => Environment.ProcessorCount <= 8 ? Environment.ProcessorCount * 2 + 1 : 17;
}
