namespace Percpu.Pagemap;

/// <summary>Why a range cannot be mapped.</summary>
public enum RemapFault
{
    /// <summary>Not told.</summary>
    Unknown,

    /// <summary>It lies partly in RAM.</summary>
    MixedRange,

    /// <summary>This system cannot put page frames into device memory.</summary>
    AltmapUnsupported,

    /// <summary>No memory stands behind it.</summary>
    NoMemory,
}
