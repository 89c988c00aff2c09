namespace CoyoteTests;

/// <summary>What is wrong with a user of <see cref="Blocks"/>.</summary>
public enum BlockFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The block is not returned.</summary>
    NotReturned,

    /// <summary>Its bytes are read after it was returned.</summary>
    ReadAfterReturn,
}
