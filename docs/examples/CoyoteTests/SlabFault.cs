namespace CoyoteTests;

/// <summary>What is wrong with a <see cref="SlabCell"/>.</summary>
public enum SlabFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A reader reads the slab's bytes after it has unpinned it.</summary>
    ReadAfterUnpin,

    /// <summary>A reader writes there.</summary>
    WrittenAfterUnpin,

    /// <summary>A reader does not dispose of the pin that it holds over an await.</summary>
    ForgottenHold,
}
