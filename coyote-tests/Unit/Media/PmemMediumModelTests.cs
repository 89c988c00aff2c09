using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

/// <summary>Random reads and stores of a part of a file with holes, and the same on an array; and for which granules room was made.</summary>
public sealed class PmemMediumModelTests
{
    private const long Granule = 2 << 20, RegionLength = 16 << 20, PageSize = 4096;

    [Theory]
    [InlineData(0L, RegionLength)]
    [InlineData(Granule + (3 * PageSize), (9 << 20) + PageSize)] // Neither begins nor ends with a granule.
    [InlineData((5 * Granule) - PageSize, 2 * PageSize)]
    [InlineData(RegionLength - PageSize, PageSize)]
    public void A_part_of_a_medium_holds_what_was_stored_and_nothing_beside_it_has_changed(long start, long length)
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        PhysicalRegion region = machine.Space.AddDevice(new PfnRange(new Pfn(1 << 20), RegionLength >> Pfn.PageShift), "disk", machine.NewFile(RegionLength));
        var random = new Random((int)(start + length));
        byte[] model = new byte[length];
        region.Map();
        var medium = new PmemMedium(region, start, length);
        long allocated = 0;
        for (int step = 0; step < 250; step++)
        {
            int count = random.Next(1, (int)Math.Min(length, random.Next(10) == 0 ? 3 << 20 : 9000) + 1);
            long at = Place(random, start, length - count);
            switch (random.Next(8))
            {
                case 0:
                    medium = new PmemMedium(region, start, length); // It remembers nothing of the other.
                    allocated = 0;
                    break;
                case 1:
                    medium.Prepare(at, count);
                    allocated |= Granules(start, at, count);
                    break;
                case 2:
                    random.NextBytes(model.AsSpan((int)at, count));
                    medium.Write(at, model.AsSpan((int)at, count));
                    medium.Flush(at, count);
                    allocated |= Granules(start, at, count);
                    break;
                case 3:
                    long entry = Math.Min(at, length - 8) & -4;
                    medium.Prepare(entry, 4);
                    allocated |= Granules(start, entry, 4);
                    random.NextBytes(model.AsSpan((int)entry, 4));
                    medium.StoreEntry(entry, MemoryMarshal.Read<uint>(model.AsSpan((int)entry)));
                    medium.Flush(entry, 4);
                    break;
                case 4:
                    long word = Math.Min(at, length - 8) & -8;
                    medium.Prepare(word, 8);
                    allocated |= Granules(start, word, 8);
                    random.NextBytes(model.AsSpan((int)word, 8));
                    medium.StoreWord(word, MemoryMarshal.Read<ulong>(model.AsSpan((int)word)));
                    break;
                case 5:
                    Assert.Equal(MemoryMarshal.Read<uint>(model.AsSpan((int)(at & -4))), medium.LoadEntry(at & -4));
                    break;
                default:
                    byte[] found = new byte[count];
                    medium.Read(at, found);
                    Assert.True(model.AsSpan((int)at, count).SequenceEqual(found), $"Step {step}: other bytes are at {at}.");
                    break;
            }
            Assert.Equal(allocated >> (int)(start / Granule), Allocated(medium)[0]);
        }
        byte[] all = new byte[RegionLength], expected = new byte[RegionLength];
        model.CopyTo(expected, start);
        region.Memory.ReadMedium(0, all);
        Assert.True(all.AsSpan().SequenceEqual(expected), "Something beside the part has changed.");
        region.Unmap();
    }

    /// <summary>What has room, or was found without holes, is read where it is mapped: no call of the system is made for it.</summary>
    [Fact]
    public void A_granule_with_room_is_read_without_asking_the_system_from_its_first_byte_to_its_last_and_not_its_neighbours()
    {
        Needs.RangesBackedByFiles();
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere nobody asks for holes.");
        using var machine = new TestMachine();
        PhysicalRegion region = machine.Space.AddDevice(new PfnRange(new Pfn(1 << 20), RegionLength >> Pfn.PageShift), "disk", machine.NewFile(RegionLength));
        region.Map();
        var medium = new PmemMedium(region, Granule + PageSize, RegionLength - Granule - PageSize);
        long first = (2 * Granule) - PageSize;
        medium.Prepare(first, 1);
        byte[] one = new byte[1], all = new byte[Granule];
        Assert.Equal(0U, medium.LoadEntry(first - (8 * PageSize))); // A look at the neighbour, which has holes.
        FailingMedium.While(region, () =>
        {
            medium.Read(first, one);
            medium.Read(first + Granule - 1, one);
            medium.Read(first, all);
            Assert.Equal((0U, 0U), (medium.LoadEntry(first), medium.LoadEntry(first + Granule - 4)));
            Assert.ThrowsAny<Exception>(() => medium.Read(first - 1, one));
            Assert.ThrowsAny<Exception>(() => medium.LoadEntry(first - 4));
            Assert.ThrowsAny<Exception>(() => medium.Read(first - 1, new byte[2]));
        });
        region.Unmap();
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_allocated")]
    private static extern ref long[] Allocated(PmemMedium medium);

    // Often at a border of granules, or beside one.
    private static long Place(Random random, long start, long last)
    {
        long at = random.NextInt64(last + 1);
        return random.Next(2) == 0 ? at : Math.Clamp((((start + at) / Granule) * Granule) - start + random.Next(-2, 3), 0, last);
    }

    private static long Granules(long start, long at, long count)
    {
        long marks = 0;
        for (long granule = (start + at) / Granule; granule <= (start + at + count - 1) / Granule; granule++)
            marks |= 1L << (int)granule;
        return marks;
    }
}
