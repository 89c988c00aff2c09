using System.Runtime.CompilerServices;
using Percpu.Pagemap;
using Percpu.Unit.Media;
using Percpu.Unit.Support;

namespace Percpu.Unit.Devices;

/// <summary>Where on the medium a disk's bytes lie, and where room is made for them.</summary>
public sealed class DataPlacesTests
{
    private const long Length = 64 << 20, Granule = 2 << 20;

    [Theory]
    [InlineData("raw", 0, Length)]
    [InlineData("pfn, frames in memory", Granule, Length - Granule)]
    [InlineData("pfn", Granule, Length - Granule)]
    [InlineData("legacy pfn", 3 * Granule, Length - (3 * Granule))]
    public void A_disk_shows_its_part_of_the_medium_from_the_first_byte_to_the_last(string kind, long dataOffset, long length)
    {
        using var machine = new TestMachine();
        PmemNamespace names = Make(machine, kind, null);
        PmemDevice pmem = PmemDriver.Bind(machine.Device, names);
        var disk = (PmemDisk)pmem.Disk;
        Assert.Equal(length, disk.Length);
        byte[] data = new byte[512];
        foreach (long at in (long[])[0, 4096, length / 2, length - 512])
        {
            new Random((int)at).NextBytes(data);
            disk.Write(at, data);
            using DirectMapping mapping = disk.DirectAccess(at & -4096);
            Assert.Equal(data, mapping.Span.Slice((int)(at & 4095), 512).ToArray());
            Assert.Equal((names.Region.Range.Start.Value + (ulong)((dataOffset + at) >> 12), length - (at & -4096)), (mapping.Pfn.Value, mapping.Length));
        }
        machine.Device.Unbind();
        names.Use(medium =>
        {
            byte[] found = new byte[512];
            foreach (long at in (long[])[0, 4096, length / 2, length - 512])
            {
                new Random((int)at).NextBytes(data);
                medium.Read(dataOffset + at, found);
                Assert.Equal(data, found);
            }
            return true;
        });
    }

    [Theory]
    [InlineData("raw", 0, 0, 1, 0, 0)]
    [InlineData("raw", 0, Granule - 1, 2, 0, 1)]
    [InlineData("raw", 0, 3 * Granule, Granule, 3, 3)]
    [InlineData("raw", 0, Length - 1, 1, 31, 31)]
    [InlineData("raw", 0, 5 * Granule, 0, 0, -1)]
    [InlineData("pfn, frames in memory", Granule, 0, 4096, 1, 1)]
    [InlineData("pfn, frames in memory", Granule, 7 * Granule, 2 * Granule, 8, 9)]
    public void Room_is_made_in_the_granules_that_the_part_meets_and_in_no_other(string kind, long dataOffset, long offset, long length, int first, int last)
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        PmemNamespace names = Make(machine, kind, machine.NewFile(Length));
        var disk = (PmemDisk)PmemDriver.Bind(machine.Device, names).Disk;
        long before = Allocated(Medium(disk))[0];
        disk.Prepare(offset, length);
        long expected = before;
        for (int i = first; i <= last; i++)
            expected |= 1L << i;
        Assert.True(Allocated(Medium(disk))[0] == expected, $"Of data at {dataOffset} these granules have room: 0x{Allocated(Medium(disk))[0]:x}, not 0x{expected:x}.");
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_medium")]
    private static extern ref PmemMedium Medium(PmemDisk disk);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_allocated")]
    private static extern ref long[] Allocated(PmemMedium medium);

    private static PmemNamespace Make(TestMachine machine, string kind, string? path)
    {
        var range = new PfnRange(new Pfn(1 << 20), Length >> 12);
        var names = new PmemNamespace(path is null ? machine.Space.AddDevice(range, "pmem") : machine.Space.AddDevice(range, "pmem", path));
        if (kind.StartsWith("pfn", StringComparison.Ordinal))
            names.Format(NamespaceMode.Pfn, frames: kind == "pfn" ? FrameLocation.Medium : FrameLocation.Memory);
        if (kind == "legacy pfn")
            names.Use(medium =>
            {
                LegacyMedium.Write(medium, new LegacyInfoBlock(NamespaceMode.Pfn, 3 * Granule, medium.Length, 512));
                return true;
            });
        return names;
    }
}
