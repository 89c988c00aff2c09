namespace CoyoteTests;

/// <summary>What is wrong with an <see cref="EpochList"/>.</summary>
public enum EpochFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The old document is closed at once.</summary>
    NoGracePeriod,

    /// <summary>A reader is in no section.</summary>
    NoSection,

    /// <summary>A reader uses the document after it has left its section.</summary>
    ReadAfterSection,

    /// <summary>The grace period begins while readers can still find the document.</summary>
    RetiredBeforeUnlinked,
}
