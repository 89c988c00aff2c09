namespace Percpu.Pagemap;

/// <summary>State of a page.</summary>
/// <remarks>Kernel: <c>enum pageflags</c>, and the kind of zone.</remarks>
[Flags]
public enum PageFlags
{
    /// <summary>An ordinary page of RAM.</summary>
    None = 0,

    /// <summary>Taken by the frame array itself or reserved: never handed out. Kernel: <c>PG_reserved</c>.</summary>
    Reserved = 1,

    /// <summary>A page of a device's map. Kernel: <c>is_zone_device_page</c>.</summary>
    Device = 2,

    /// <summary>A device page that the process cannot address. Kernel: <c>is_device_private_page</c>.</summary>
    Unaddressable = 4,

    /// <summary>Locked by <see cref="Page.TryLock"/>. Kernel: <c>PG_locked</c>.</summary>
    Locked = 8,

    /// <summary>Written since it was last cleaned. Kernel: <c>PG_dirty</c>.</summary>
    Dirty = 16,

    /// <summary>Used since it was last looked at. Kernel: <c>PG_referenced</c>.</summary>
    Accessed = 32,

    /// <summary>On a list of reclaimable pages. Kernel: <c>PG_lru</c>.</summary>
    OnLru = 64,
}
