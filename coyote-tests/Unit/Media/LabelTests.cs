using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

public sealed class LabelTests
{
    private const long Size = 128 << 10;
    private static readonly PfnRange Range = new(new Pfn(1 << 20), ((96UL << 20) + Size) >> Pfn.PageShift);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Namespaces_are_created_found_by_name_and_uuid_opened_and_deleted(int minor)
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        PhysicalRegion region = machine.Space.AddDevice(Range, "dimm", machine.NewFile((96L << 20) + Size));
        Assert.Equal(0, LabelArea.Find(region));
        LabelArea area = LabelArea.Create(region, Size, minor);
        Assert.Equal(Size, LabelArea.Find(region));
        Assert.Equal(new Version(1, minor), area.Version);
        PmemNamespace first = area.Create(32L << 20, NamespaceMode.Btt, "first", 512, setCookie: 77);
        PmemNamespace second = area.Create(16L << 20, NamespaceMode.Pfn, "second", frames: FrameLocation.Memory);
        Assert.Throws<ArgumentException>(() => area.Create(16L << 20, NamespaceMode.Raw, "first"));
        Assert.Throws<ArgumentException>(() => area.Create((16L << 20) + 4096, NamespaceMode.Raw));
        Assert.Throws<InvalidOperationException>(() => area.Create(64L << 20, NamespaceMode.Raw));
        byte[] data = new byte[512], read = new byte[512];
        new Random(1).NextBytes(data);
        foreach (string name in (string[])["first", first.Uuid.ToString(), "second"])
        {
            PmemNamespace space = LabelArea.Open(region).Find(name);
            PmemDevice pmem = PmemDriver.Bind(machine.Device, space);
            Assert.Equal(name == "second" ? NamespaceMode.Pfn : NamespaceMode.Btt, pmem.Mode);
            Assert.Equal(name == "second" ? 14L << 20 : pmem.Disk.Length, pmem.Disk.Length);
            pmem.Disk.Write(1024, data);
            pmem.Disk.Read(1024, read);
            Assert.Equal(data, read);
            Assert.Throws<RangeBusyException>(() => area.Delete(space));
            machine.Device.Unbind();
            Assert.True(space.Check().IsSound);
            Assert.Equal(space.Uuid, space.Inspect().ParentUuid);
        }
        // The range as a whole is not raw, and not formatted over.
        var whole = new PmemNamespace(region);
        Assert.Equal(InfoBlockFault.Labelled, Assert.Throws<InfoBlockException>(() => PmemDriver.Bind(machine.Device, whole)).Fault);
        Assert.Equal(InfoBlockFault.Labelled, Assert.Throws<InfoBlockException>(() => whole.Format(NamespaceMode.Btt)).Fault);
        Assert.Throws<InfoBlockException>(() => LabelArea.Create(region, Size, minor));

        area.Delete(first);
        Assert.Throws<ArgumentException>(() => LabelArea.Open(region).Find("first"));
        Assert.Equal("second", Assert.Single(LabelArea.Open(region).Namespaces).Name);
        PmemNamespace third = area.Create(32L << 20, NamespaceMode.Dax, "third"); // In the space of the first.
        Assert.Equal(0, third.Offset);
        Assert.Equal(NamespaceMode.Dax, PmemDriver.Bind(machine.Device, third).Mode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void I74_a_change_that_is_cut_at_any_store_leaves_the_list_as_before_or_as_after(int minor)
    {
        // Two index blocks, and the label in a free slot: the same steps as a creation's.
        for (int budget = 0; budget < 40; budget++)
        {
            for (int loss = 0; loss < 4; loss++)
            {
                var medium = new CuttableMedium((int)Size);
                LabelIndex.Create(Size, minor, 1).Write(medium, 0);
                LabelIndex index = LabelIndex.Create(Size, minor, 2);
                index.Write(medium, index.Size);
                var label = new NamespaceLabel { Uuid = Guid.NewGuid(), Address = 0, Size = 1 << 24, Slot = 0 };
                byte[] bytes = new byte[index.LabelSize];
                label.Write(bytes, minor);
                bool finished = true;
                medium.Budget = budget;
                try
                {
                    BttFormat.Put(medium, index.LabelAt(0), bytes);
                    index.SetFree(0, false);
                    index.WriteNext(medium, 0);
                }
                catch (CuttableMedium.PowerCutException)
                {
                    finished = false;
                }
                CuttableMedium after = medium.AfterCut(new Random(budget * 4 + loss), loss);
                LabelIndex? first = LabelIndex.Read(after, 0, out _), second = LabelIndex.Read(after, index.Size, out _);
                Assert.NotNull(second); // The block that counted was not touched.
                bool taken = first is not null && first.Sequence == BttLane.Next(second.Sequence) && !first.IsFree(0);
                Assert.True(taken || !finished);
                byte[] found = new byte[index.LabelSize];
                after.Read(index.LabelAt(0), found);
                Assert.True(!taken || NamespaceLabel.Read(found, minor) == label, "A label counts that is not whole.");
            }
        }
    }

    [Fact]
    public void I73_a_damaged_index_block_or_label_does_not_count_and_is_told()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        PhysicalRegion region = machine.Space.AddDevice(Range, "dimm", machine.NewFile((96L << 20) + Size));
        LabelArea area = LabelArea.Create(region, Size, 2);
        area.Create(16L << 20, NamespaceMode.Raw, "one");
        area.Create(16L << 20, NamespaceMode.Raw, "two");
        var whole = new PmemNamespace(region, expected: NamespaceMode.Raw);
        long start = 96L << 20;
        Flip(start + 256 + 100); // The second index block.
        area = LabelArea.Open(region);
        AssertFault(start + 256);
        Flip(start + 100); // Both.
        Assert.Equal(InfoBlockFault.Corrupt, Assert.Throws<InfoBlockException>(() => LabelArea.Open(region, Size)).Fault);
        Flip(start + 256 + 100);
        area = LabelArea.Open(region); // The first alone.
        AssertFault(start);
        Flip(start + 100);
        Assert.Equal(2, LabelArea.Open(region).Namespaces.Count);
        Flip(start + 512 + 20); // A name.
        area = LabelArea.Open(region);
        Assert.Equal("two", Assert.Single(area.Namespaces).Name);
        Assert.Contains("checksum", Assert.Single(area.Faults).Message, StringComparison.Ordinal);
        AssertFault(start + 512);
        Assert.Throws<InvalidOperationException>(() => area.Create(16L << 20, NamespaceMode.Raw)); // Whose space is whose?

        void AssertFault(long at)
        {
            MediumFault fault = Assert.Single(area.Faults);
            Assert.Equal((MediumFaultKind.Label, at), (fault.Kind, fault.Offset));
        }

        void Flip(long at) => whole.Use(medium =>
        {
            byte[] one = new byte[1];
            medium.Read(at, one);
            one[0] ^= 1;
            medium.Write(at, one);
            return true;
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_label_has_the_cookie_that_was_given_or_else_that_of_the_labels_that_are_there(int minor)
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        PhysicalRegion region = machine.Space.AddDevice(Range, "dimm", machine.NewFile((96L << 20) + Size));
        LabelArea area = LabelArea.Create(region, Size, minor);
        area.Delete(Create(0));
        Assert.Equal(0UL, Cookie(0));
        Create(77);
        Create(0);
        Create(78);
        Create(0);
        Assert.Equal([77UL, 77UL, 78UL, 77UL], Enumerable.Range(0, 4).Select(Cookie));

        PmemNamespace Create(ulong cookie) => area.Create(16L << 20, NamespaceMode.Raw, setCookie: cookie);

        // Behind two index blocks of 256 bytes stand labels of 128 or 256.
        ulong Cookie(int slot) => new PmemNamespace(region, expected: NamespaceMode.Raw).Use(medium =>
        {
            byte[] bytes = new byte[8];
            medium.Read((96L << 20) + 512 + (slot * 128L * minor) + 88, bytes);
            return BitConverter.ToUInt64(bytes);
        });
    }

    [Fact]
    public void I72_free_space_that_holds_a_namespace_without_label_is_not_formatted_over()
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        string path = machine.NewFile((96L << 20) + Size);
        PhysicalRegion region = machine.Space.AddDevice(Range, "dimm", path);
        LabelArea area = LabelArea.Create(region, Size);
        new PmemNamespace(region, expected: NamespaceMode.Raw).Use(medium =>
        {
            var part = new MediumWindow(medium, 0, 32 << 20);
            BttFormat.Write(part, 4096, BttFormat.Plan(part, 4096, 4096, 64, Guid.NewGuid(), Guid.Empty), asPool: false);
            return true;
        });
        Assert.Equal(InfoBlockFault.Unexpected, Assert.Throws<InfoBlockException>(() => area.Create(32L << 20, NamespaceMode.Btt)).Fault);
        Assert.Empty(LabelArea.Open(region).Namespaces);
    }
}
