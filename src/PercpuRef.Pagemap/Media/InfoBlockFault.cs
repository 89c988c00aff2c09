namespace Percpu.Pagemap;

/// <summary>What is wrong with an info block, or with what it describes.</summary>
public enum InfoBlockFault
{
    /// <summary>Not told.</summary>
    Unknown,

    /// <summary>Somebody else's data stand in its place.</summary>
    Foreign,

    /// <summary>Its checksum or its signature is wrong.</summary>
    Corrupt,

    /// <summary>It has a version that is not known.</summary>
    UnknownVersion,

    /// <summary>The medium is shorter than the block says, or too short for one.</summary>
    Truncated,

    /// <summary>Checksum and version are right, but the values contradict each other.</summary>
    Inconsistent,

    /// <summary>It is whole, and of another kind than was asked for.</summary>
    Unexpected,

    /// <summary>It belongs to another namespace: its parent is not this one.</summary>
    WrongParent,

    /// <summary>It stands where a block of its kind or version does not count.</summary>
    WrongPlace,

    /// <summary>It is gone, and a copy of it is left. <see cref="PmemNamespace.Repair"/> puts it back.</summary>
    OnlyCopy,

    /// <summary>The namespace's label says that there is one, and there is none.</summary>
    Missing,

    /// <summary>The range has a label area: its namespaces are opened one by one, through <see cref="LabelArea"/>.</summary>
    Labelled,

    /// <summary>Neither 1 nor 2 says where page frames are kept.</summary>
    FrameLocation,

    /// <summary>The size of a page frame is none that fits.</summary>
    FrameSize,

    /// <summary>The size of a page is none that fits.</summary>
    PageSize,

    /// <summary>The alignment is no power of two of pages, or larger than the namespace.</summary>
    Alignment,

    /// <summary>Data begin beyond the end, or where the alignment forbids.</summary>
    DataOffset,

    /// <summary>What start pad and end truncation leave does not begin and end at multiples of 2 MiB.</summary>
    Padding,

    /// <summary>The log of a btt contradicts itself.</summary>
    DamagedLog,

    /// <summary>The map of a btt contradicts itself or the log.</summary>
    DamagedMap,
}
