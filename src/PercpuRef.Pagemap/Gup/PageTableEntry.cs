namespace Percpu.Pagemap;

/// <summary>What a page table says of one page, or of 512 at once.</summary>
/// <param name="Value">The bits of the entry; 0 for none.</param>
/// <remarks>Kernel: <c>pte_t</c> and <c>pmd_t</c>. A snapshot: the table may have changed since.</remarks>
public readonly record struct PageTableEntry(long Value)
{
    internal const long PresentBit = 1;

    // In the low bits, which are 0 in the address of a table: tells an entry of 512 pages from a pointer to a table.
    internal const long LargeBit = 2;
    internal const long WritableBit = 4;
    internal const long AccessedBit = 8;
    internal const long DirtyBit = 16;
    internal const long DevmapBit = 32;
    internal const long SpecialBit = 64;
    internal const long DevicePrivateBit = 128;
    internal const long ProtNoneBit = 256;
    internal const long ClaimedBit = 512;
    internal const long FlagsMask = (1 << Pfn.PageShift) - 1;

    /// <summary>Nothing is mapped.</summary>
    public bool IsNone => Value == 0;

    /// <summary>A page is mapped that the process can address. Kernel: <c>pte_present</c>.</summary>
    public bool IsPresent => (Value & PresentBit) != 0;

    /// <summary>It stands for 512 pages. Kernel: <c>pmd_large</c>, <c>pmd_trans_huge</c>.</summary>
    public bool IsLarge => (Value & LargeBit) != 0;

    /// <summary>Writes are allowed. Kernel: <c>pte_write</c>, <c>pmd_write</c>.</summary>
    public bool IsWritable => (Value & WritableBit) != 0;

    /// <summary>It was used. Kernel: <c>pte_young</c>.</summary>
    public bool IsAccessed => (Value & AccessedBit) != 0;

    /// <summary>It was written through. Kernel: <c>pte_dirty</c>.</summary>
    public bool IsDirty => (Value & DirtyBit) != 0;

    /// <summary>A page of a device's map. Kernel: <c>pte_devmap</c>, <c>pmd_devmap</c>.</summary>
    public bool IsDevmap => (Value & DevmapBit) != 0;

    /// <summary>A frame without a page, or the page of zeros. Kernel: <c>pte_special</c>.</summary>
    public bool IsSpecial => (Value & SpecialBit) != 0;

    /// <summary>The page lies in device memory that the process cannot address: an access brings it back first.</summary>
    /// <remarks>Kernel: <c>is_device_private_entry</c>.</remarks>
    public bool IsDevicePrivate => (Value & DevicePrivateBit) != 0;

    /// <summary>Present, but an ordinary access faults: a hint for NUMA balancing, or an area without access.</summary>
    /// <remarks>Kernel: <c>pte_protnone</c>, <c>pmd_protnone</c>.</remarks>
    public bool IsProtNone => (Value & ProtNoneBit) != 0;

    /// <summary>Somebody is just moving the page. Kernel: <c>is_migration_entry</c>.</summary>
    public bool IsClaimed => (Value & ClaimedBit) != 0;

    /// <summary>It holds a count of its page: RAM, or unaddressable memory. A disk's memory is not held by being mapped.</summary>
    internal bool HoldsPage => Value != 0 && !IsDevmap && !IsSpecial;

    /// <summary>The (first) page. Kernel: <c>pte_pfn</c>, <c>pmd_pfn</c>.</summary>
    public Pfn Pfn => new((ulong)Value >> Pfn.PageShift);

    internal static PageTableEntry Create(Pfn pfn, long bits) => new((long)(pfn.Value << Pfn.PageShift) | bits);

    /// <summary>An entry for a page of unaddressable device memory; it is the holder of one count of that page.</summary>
    /// <param name="pfn">The page.</param>
    /// <param name="writable">Whether the page will be writable again when it is back.</param>
    internal static PageTableEntry DevicePrivate(Pfn pfn, bool writable) => Create(pfn, DevicePrivateBit | (writable ? WritableBit : 0));

    /// <summary>An entry for a page of RAM; it is the holder of one count of that page.</summary>
    internal static PageTableEntry Ram(Pfn pfn, bool writable) => Create(pfn, PresentBit | (writable ? WritableBit : 0));

    /// <summary>The same page, out of everybody's reach but the claimant's.</summary>
    internal PageTableEntry Claimed => new((Value & ~(PresentBit | DevicePrivateBit)) | ClaimedBit);
}
