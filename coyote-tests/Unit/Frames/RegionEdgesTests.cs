using Percpu.Pagemap;
using Percpu.Unit.Devices;

namespace Percpu.Unit.Frames;

/// <summary>Regions at their edges: of the space, of each other's claims, of a count of mappings.</summary>
public sealed unsafe class RegionEdgesTests
{
    [Fact]
    public void A_claim_may_begin_where_another_ends_and_no_earlier()
    {
        using var machine = new TestMachine();
        PhysicalRegion region = machine.AddDevice();
        Assert.True(region.TryClaim(4096, 4096));
        Assert.True(region.TryClaim(8192, 4096));
        Assert.True(region.TryClaim(0, 4096));
        Assert.False(region.TryClaim(8191, 1));
        Assert.False(region.TryClaim(8192, 1));
        Assert.False(region.TryClaim(0, 16384));
        region.Unclaim(4096);
        Assert.True(region.TryClaim(4096, 4096));
    }

    [Fact]
    public void I43_a_range_may_end_where_the_space_ends_and_no_later()
    {
        using var machine = new TestMachine();
        ulong end = machine.Space.Capacity;
        Assert.Throws<PfnRangeException>(() => machine.Space.AddDevice(new PfnRange(new Pfn(end - 512), 1024), "beyond"));
        Assert.Throws<PfnRangeException>(() => machine.Space.AddDevice(new PfnRange(new Pfn(end), 512), "outside"));
        Assert.Equal(end, machine.Space.AddDevice(new PfnRange(new Pfn(end - 512), 512), "last").Range.End.Value);
    }

    [Fact]
    public void What_is_mapped_twice_stays_until_the_second_unmapping()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc/self/maps.");
        using var machine = new TestMachine();
        PhysicalRegion region = machine.AddDevice();
        Assert.Equal("---", Protection(region));
        region.Map();
        region.Map();
        Assert.Equal("rw-", Protection(region));
        region.Unmap();
        Assert.Equal("rw-", Protection(region));
        region.Unmap();
        Assert.Equal("---", Protection(region));
    }

    [Fact]
    public void A_region_for_reading_shows_what_its_file_has_and_cannot_be_written()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc/self/maps.");
        using var machine = new TestMachine();
        string path = machine.NewFile((long)TestMachine.Pmem.Length * 4096);
        using (FileStream file = File.OpenWrite(path))
        {
            file.Position = 5;
            file.WriteByte(7);
        }
        PhysicalRegion region = machine.Space.AddDevice(TestMachine.Pmem, "pmem", path, readOnly: true);
        Assert.False(region.IsWritable);
        region.Map();
        Assert.Equal(7, region.Address[5]);
        Assert.Equal("r--", Protection(region));
        region.Unmap();
    }

    private static string Protection(PhysicalRegion region)
    {
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] parts = line.Split(' ', 3);
            ulong[] ends = [.. parts[0].Split('-').Select(end => ulong.Parse(end, System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture))];
            if ((ulong)region.Address >= ends[0] && (ulong)region.Address < ends[1])
                return parts[1][..3];
        }
        return "none";
    }
}
