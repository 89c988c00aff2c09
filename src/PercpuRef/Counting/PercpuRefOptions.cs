namespace Percpu;

/// <summary>How a <see cref="PercpuRef"/> starts, and whether it may come back after its release.</summary>
/// <remarks>Kernel: <c>PERCPU_REF_INIT_ATOMIC</c>, <c>PERCPU_REF_INIT_DEAD</c>, <c>PERCPU_REF_ALLOW_REINIT</c>.</remarks>
[Flags]
public enum PercpuRefOptions
{
    /// <summary>Live, in percpu mode, one life.</summary>
    None = 0,

    /// <summary>Starts in atomic mode and stays there, also over kill and reinit, until <see cref="PercpuRef.SwitchToPercpu"/>. Implies <see cref="AllowReinit"/>.</summary>
    InitAtomic = 1,

    /// <summary>Starts killed and released; <see cref="PercpuRef.Reinit"/> makes it live. Implies <see cref="AllowReinit"/>.</summary>
    InitDead = 2,

    /// <summary>Allows <see cref="PercpuRef.Reinit"/>, <see cref="PercpuRef.Resurrect"/> and <see cref="PercpuRef.SwitchToPercpu"/>.</summary>
    AllowReinit = 4,

    /// <summary>Remembers who takes references, for <see cref="PercpuRef.GetHolders"/> and
    /// <see cref="PercpuRef.WaitForReleaseOrThrow"/>. Stays in atomic mode for good and looks at the stack at every get and
    /// put, which costs microseconds: for finding a leak.</summary>
    TrackHolders = 8,
}
