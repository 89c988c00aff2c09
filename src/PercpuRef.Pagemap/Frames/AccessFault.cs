namespace Percpu.Pagemap;

/// <summary>Why an access failed.</summary>
public enum AccessFault
{
    /// <summary>Not told.</summary>
    Unknown,

    /// <summary>The address lies in no area.</summary>
    OutOfRange,

    /// <summary>Nothing is mapped there and nothing can be, or its device is going away.</summary>
    NotPresent,

    /// <summary>A write where only reads are allowed.</summary>
    ReadOnly,

    /// <summary>An access that the area forbids.</summary>
    NoAccess,

    /// <summary>A page without frame, where only ordinary ones are asked for.</summary>
    Special,

    /// <summary>The driver of the device could not bring the page back.</summary>
    DeviceFailed,
}
