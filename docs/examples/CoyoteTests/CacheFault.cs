namespace CoyoteTests;

/// <summary>What is wrong with a <see cref="Cache"/>.</summary>
public enum CacheFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The document is closed when its reference is killed, not when it is released.</summary>
    ClosedAtKill,

    /// <summary>A reader does not put what it got.</summary>
    ForgottenPut,

    /// <summary>A reader puts it twice.</summary>
    PutTwice,

    /// <summary>A reader uses the document after it has put its reference.</summary>
    ReadAfterPut,

    /// <summary>A reader gets no reference at all.</summary>
    NoPin,
}
