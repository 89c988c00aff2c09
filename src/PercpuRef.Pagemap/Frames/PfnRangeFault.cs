namespace Percpu.Pagemap;

/// <summary>What is wrong with a range of page frames.</summary>
public enum PfnRangeFault
{
    /// <summary>Not told.</summary>
    Unknown,

    /// <summary>It has no frame.</summary>
    Empty,

    /// <summary>It passes the end of the address space.</summary>
    Wraps,

    /// <summary>Its start or length is not a multiple of 512 frames.</summary>
    Misaligned,

    /// <summary>It passes the end of the physical space.</summary>
    OutsideSpace,

    /// <summary>It has more frames than a page map can have.</summary>
    TooLong,
}
