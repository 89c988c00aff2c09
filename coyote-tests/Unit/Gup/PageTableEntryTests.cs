using Percpu.Pagemap;

namespace Percpu.Unit.Gup;

/// <summary>What an entry says of itself, bit by bit.</summary>
public sealed class PageTableEntryTests
{
    private static readonly (long Bit, Func<PageTableEntry, bool> Says)[] Bits =
    [
        (PageTableEntry.PresentBit, entry => entry.IsPresent), (PageTableEntry.LargeBit, entry => entry.IsLarge),
        (PageTableEntry.WritableBit, entry => entry.IsWritable), (PageTableEntry.AccessedBit, entry => entry.IsAccessed),
        (PageTableEntry.DirtyBit, entry => entry.IsDirty), (PageTableEntry.DevmapBit, entry => entry.IsDevmap),
        (PageTableEntry.SpecialBit, entry => entry.IsSpecial), (PageTableEntry.DevicePrivateBit, entry => entry.IsDevicePrivate),
        (PageTableEntry.ProtNoneBit, entry => entry.IsProtNone), (PageTableEntry.ClaimedBit, entry => entry.IsClaimed),
    ];

    [Fact]
    public void Each_bit_is_told_by_its_own_property_and_by_no_other()
    {
        Assert.Equal(Bits.Length, Bits.Select(each => each.Bit).Distinct().Count());
        foreach (long rest in (long[])[0, 0x1234_5678L << Pfn.PageShift])
        {
            Assert.All(Bits, each => Assert.False(each.Says(new PageTableEntry(rest))));
            foreach ((long bit, _) in Bits)
            {
                Assert.All(Bits, each => Assert.Equal(each.Bit == bit, each.Says(new PageTableEntry(rest | bit))));
                Assert.All(Bits, each => Assert.Equal(each.Bit != bit, each.Says(new PageTableEntry(rest | (PageTableEntry.FlagsMask & ~bit)))));
                Assert.Equal((ulong)rest >> Pfn.PageShift, new PageTableEntry(rest | bit).Pfn.Value);
                Assert.False(new PageTableEntry(rest | bit).IsNone);
            }
        }
        Assert.True(default(PageTableEntry).IsNone);
    }

    [Fact]
    public void An_entry_of_each_kind_has_its_page_and_exactly_its_bits()
    {
        var pfn = new Pfn(Pfn.MaxValue - 5);
        foreach (bool writable in (bool[])[false, true])
        {
            long right = writable ? PageTableEntry.WritableBit : 0;
            AssertEntry(PageTableEntry.PresentBit | right, PageTableEntry.Ram(pfn, writable));
            AssertEntry(PageTableEntry.DevicePrivateBit | right, PageTableEntry.DevicePrivate(pfn, writable));
            AssertEntry(PageTableEntry.ClaimedBit | right, PageTableEntry.Ram(pfn, writable).Claimed);
            AssertEntry(PageTableEntry.ClaimedBit | right, PageTableEntry.DevicePrivate(pfn, writable).Claimed);
        }
        const long all = PageTableEntry.FlagsMask;
        AssertEntry(all, PageTableEntry.Create(pfn, all));
        AssertEntry(all & ~(PageTableEntry.PresentBit | PageTableEntry.DevicePrivateBit), PageTableEntry.Create(pfn, all).Claimed);

        void AssertEntry(long bits, PageTableEntry entry)
        {
            Assert.Equal(bits, entry.Value & PageTableEntry.FlagsMask);
            Assert.Equal(pfn, entry.Pfn);
        }
    }
}
