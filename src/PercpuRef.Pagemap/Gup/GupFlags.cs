namespace Percpu.Pagemap;

/// <summary>How pages are looked up and pinned.</summary>
/// <remarks>Kernel: <c>FOLL_*</c>.</remarks>
[Flags]
public enum GupFlags
{
    /// <summary>Only make the pages present.</summary>
    None = 0,

    /// <summary>Pin the pages. Without it a page of a device is left out: it is valid only while pinned. Kernel: <c>FOLL_GET</c>.</summary>
    Get = 1,

    /// <summary>For writing. Kernel: <c>FOLL_WRITE</c>.</summary>
    Write = 2,

    /// <summary>Mark the pages as used, and with <see cref="Write"/> as written. Kernel: <c>FOLL_TOUCH</c>.</summary>
    Touch = 4,

    /// <summary>Refuse special pages, such as the page of zeros. Kernel: <c>FOLL_DUMP</c>.</summary>
    Dump = 8,

    /// <summary>Ignore what a private area forbids, and NUMA hints. Kernel: <c>FOLL_FORCE</c>.</summary>
    Force = 16,

    /// <summary>The pins may last for ever: pages of a file system's disk are refused. Kernel: <c>FOLL_LONGTERM</c>,
    /// which is newer than the patches.</summary>
    LongTerm = 32,
}
