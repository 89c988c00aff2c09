using System.Runtime.CompilerServices;

namespace Percpu.Pagemap;

/// <summary>A range of addresses of an <see cref="AddressSpace"/> that is mapped alike.</summary>
/// <remarks>Kernel: <c>struct vm_area_struct</c>. Immutable; may be read from any thread.</remarks>
public sealed class Area
{
    internal Area(AddressSpace space, ulong start, ulong length, AreaAccess access, AreaBacking backing)
    {
        Space = space;
        Start = start;
        Length = length;
        Access = access;
        Backing = backing;
    }

    /// <summary>Where it is mapped. Kernel: <c>vm_mm</c>.</summary>
    public AddressSpace Space { get; }

    /// <summary>The first address, a multiple of the page size. Kernel: <c>vm_start</c>.</summary>
    public ulong Start { get; }

    /// <summary>Bytes, a multiple of the page size.</summary>
    public ulong Length { get; }

    /// <summary>The first address after it. Kernel: <c>vm_end</c>.</summary>
    public ulong End => Start + Length;

    /// <summary>What ordinary accesses may do.</summary>
    public AreaAccess Access { get; }

    /// <summary>Where its pages come from.</summary>
    public AreaKind Kind => Backing.Kind;

    /// <summary>The disk whose memory is mapped; null for others.</summary>
    public PmemDisk? Disk => Backing.Disk;

    /// <summary>Where on the disk it begins, in bytes. Kernel: <c>vm_pgoff</c>.</summary>
    public long DiskOffset => Backing.DiskOffset;

    /// <summary>What stands behind it. Kernel: <c>vm_ops</c>, <c>vm_file</c>.</summary>
    internal AreaBacking Backing { get; }

    /// <summary>Whether an address lies in it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(ulong address) => address - Start < Length;

    /// <summary>The bits of an entry for reading. One of an area without access is there for Force only: walks without a lock leave it alone.</summary>
    internal long ReadBits => PageTableEntry.PresentBit | ((Access & AreaAccess.Read) != 0 ? 0 : PageTableEntry.ProtNoneBit);

    /// <summary>The bits of an entry for all that the area allows.</summary>
    internal long AccessBits => ReadBits | ((Access & AreaAccess.Write) != 0 ? PageTableEntry.WritableBit : 0);
}
