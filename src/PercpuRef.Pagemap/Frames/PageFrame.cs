using System.Runtime.InteropServices;

namespace Percpu.Pagemap;

/// <summary>What is known of one page: 64 bytes, found from its number by arithmetic. Every word is shared and touched
/// through <c>Atomic</c> only.</summary>
/// <remarks>Kernel: <c>struct page</c>. Zero bytes are a frame nobody owns, so fresh memory needs no work.</remarks>
[StructLayout(LayoutKind.Sequential, Size = 1 << FrameShift)]
internal struct PageFrame
{
    internal const int FrameShift = 6;

    /// <summary>What stands in the list slot of a page that may never be on a list. Not an address on any system.</summary>
    internal const long ListPoison = unchecked((long)0xDEAD_0000_0000_0100);

    /// <summary>How many hold the page. 1 for an idle device page, 0 for a free page of RAM.</summary>
    internal long Count;

    /// <summary>See <see cref="PageFlags"/>.</summary>
    internal long Flags;

    /// <summary>The <see cref="ObjectHandle"/> of the <see cref="FrameOwner"/>; constant while the frame is in use.</summary>
    internal long Owner;

    /// <summary>A word of the device's driver.</summary>
    internal long DriverData;

    /// <summary>The list slot: poison for a device page; a link for a free page of RAM.</summary>
    internal long Lru;
}
