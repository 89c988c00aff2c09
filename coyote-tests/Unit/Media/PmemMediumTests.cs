using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

/// <summary>What a medium over a file knows of it: where it has data, and where it has room.</summary>
public sealed class PmemMediumTests
{
    private const long Mebibyte = 1 << 20;

    [Fact]
    public void A_file_tells_where_it_has_data_within_a_part_of_it()
    {
        Needs.RangesBackedByFiles();
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere all of a file counts as data.");
        using var machine = new TestMachine();
        const long Length = 8 << 20, Written = 3 << 20, Page = 4096;
        PhysicalRegion region = machine.Space.AddDevice(new PfnRange(new Pfn(1 << 20), Length >> Pfn.PageShift), "disk", machine.NewFile(Length));
        var whole = new PmemNamespace(region, expected: NamespaceMode.Raw);
        Assert.SkipWhen(whole.Use(static medium => medium.FindData(0)) == 0, "This file system does not tell where a file has data.");
        Assert.Equal((Length, Length), whole.Use(static medium => (medium.FindData(0), medium.FindData(Length - 1))));
        whole.Use(static medium =>
        {
            medium.Write(Written, new byte[Page]);
            Assert.InRange(medium.FindData(0), 2 << 20, Written); // Room is made for whole granules of 2 MiB; some file systems count it as data.
            Assert.Equal((Written, Length), (medium.FindData(Written), medium.FindData(4 << 20)));
            var before = new MediumWindow(medium, Page, Page);
            var around = new MediumWindow(medium, 1 << 20, 4 << 20);
            Assert.Equal(Page, before.FindData(0));
            Assert.InRange(around.FindData(0), 1 << 20, 2 << 20);
            Assert.Equal((2 << 20, 4 << 20), (around.FindData(2 << 20), around.FindData(3 << 20)));
            return true;
        });
    }

    [Fact]
    public void Room_that_was_made_is_remembered_for_each_part_of_a_medium_wherever_that_begins()
    {
        Needs.RangesBackedByFiles();
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere no room is made.");
        using var machine = new TestMachine();
        const long Length = 1024 * Mebibyte, Start = 256 * Mebibyte, Granule = 2 * Mebibyte;
        PhysicalRegion region = machine.Space.AddDevice(new PfnRange(new Pfn(1 << 20), Length >> Pfn.PageShift), "disk", machine.NewFile(Length));
        new PmemNamespace(region, expected: NamespaceMode.Raw).Use(_ =>
        {
            var medium = new PmemMedium(region, Start, 512 * Mebibyte);
            // Of each word of marks the first and the last part, and some between.
            long[] parts = [0, 1, 63, 64, 100, 127, 128, 255];
            foreach (long part in parts)
                medium.Prepare(part * Granule, 1);
            FailingMedium.While(region, () =>
            {
                foreach (long part in parts)
                    medium.Prepare((part * Granule) + Granule - 1, 1); // Asks nobody.
                foreach (long part in (long[])[2, 62, 65, 101, 129, 254])
                    Assert.ThrowsAny<Exception>(() => medium.Prepare(part * Granule, 1));
            });
            return true;
        });
    }
}
