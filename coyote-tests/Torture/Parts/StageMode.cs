namespace Percpu.Torture.Parts;

/// <summary>The kind of process a workload runs in.</summary>
internal enum StageMode
{
    /// <summary>As users run it.</summary>
    Plain,

    /// <summary>With the switch <c>Percpu.FullLightFence</c>: as on a system without a process-wide fence.</summary>
    FullFence,

    /// <summary>With so little address space that most threads get no stripe area, and mapping fails.</summary>
    NoMemory,
}
