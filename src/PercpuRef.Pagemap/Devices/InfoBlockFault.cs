namespace Percpu.Pagemap;

/// <summary>What is wrong with an info block.</summary>
public enum InfoBlockFault
{
    /// <summary>Not told.</summary>
    Unknown,

    /// <summary>Somebody else's data stand in its place.</summary>
    Foreign,

    /// <summary>Its checksum is wrong.</summary>
    Corrupt,

    /// <summary>It was written by another version of the library.</summary>
    UnknownVersion,

    /// <summary>The medium is shorter than the block says, or too short for one.</summary>
    Truncated,

    /// <summary>Checksum and version are right, but the values contradict each other.</summary>
    Inconsistent,

    /// <summary>It is whole, and of another kind than was asked for.</summary>
    Unexpected,
}
