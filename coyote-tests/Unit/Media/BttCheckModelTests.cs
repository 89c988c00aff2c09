using System.Runtime.CompilerServices;
using Percpu.Pagemap;

namespace Percpu.Unit.Media;

/// <summary>The check of a map beside a count entry by entry.</summary>
public sealed class BttCheckModelTests
{
    private const uint Lanes = 5;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(7, 0)]
    [InlineData(8, 2)]
    [InlineData(4096, 0)]
    [InlineData(4097, 1)]
    [InlineData(9999, 0)]
    [InlineData(9999, 3)]
    [InlineData(20000, 60)]
    public void I73_a_check_finds_what_a_count_of_all_entries_finds(uint sectors, int faults)
    {
        BttInfo info = SmallBtt.Info(sectors, 512, Lanes);
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var medium = new SparseMedium(SmallBtt.LengthFor(info));
            SmallBtt.Format(medium, info);
            uint[] map = RandomMap(random, sectors);
            for (int i = 0; i < faults; i++)
                map[random.Next(map.Length)] = random.Next(3) switch { 0 => (uint)random.Next(1, 1 << 30), 1 => BttInfo.Written | (info.Blocks + (uint)random.Next(100)), _ => BttInfo.Written | (uint)random.Next((int)info.Blocks) };
            for (uint sector = 0; sector < sectors; sector++)
                medium.StoreEntry(SmallBtt.Start + info.MapEntryAt(sector), map[sector]);
            var report = new MediumReport();
            var check = new BttCheck(medium, SmallBtt.Start, info, report);
            int before = medium.Reads;
            check.Run(null);
            // The copy, the log, and each 4,096 entries of the map: these once more only where blocks are shared.
            int parts = (int)(sectors + 4095) / 4096;
            Assert.Equal(2 + parts + (check.Shared is null ? 0 : parts), medium.Reads - before);
            Expected expected = Count(map, info);
            Assert.Equal(expected.Faults, report.Faults.Select(each => (each.Kind, each.Offset)).Order());
            Assert.Equal(expected.Unwritten, report.UnwrittenSectors);
            Assert.Equal(expected.Zeroed, report.ZeroedSectors);
            Assert.Equal(expected.Failed, report.SectorsInError);
            Assert.Equal(expected.Shared, Enumerable.Range(0, (int)info.Blocks).Where(block => check.Shared is { } shared && (shared[block >> 6] & 1UL << block) != 0));
        }
    }

    [Fact]
    public void The_check_of_a_small_medium_takes_a_bit_a_block_and_not_what_a_large_one_takes()
    {
        BttInfo info = SmallBtt.Info(1000, 512, Lanes);
        var medium = new SparseMedium(SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        var report = new MediumReport();
        long before = GC.GetAllocatedBytesForCurrentThread();
        new BttCheck(medium, SmallBtt.Start, info, report).Run(null);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000); // A large one's 32 million bits are four megabytes.
        Assert.True(report.IsSound);
    }

    /// <summary>An arena may have nearly 2^30 blocks. To look through all of its map takes too long here: one part of one pass.</summary>
    [Theory]
    [InlineData(0U)]
    [InlineData(1U << 25)]
    [InlineData((1U << 30) - (1U << 25))] // The last pass, whose numbers end where those of 32 bits do.
    public void I73_a_part_takes_the_blocks_of_its_sectors_and_no_others_in_any_pass(uint pass)
    {
        const uint blocks = 1 << 25, at = 4096;
        BttInfo info = SmallBtt.Info(8, 512, Lanes) with { Blocks = 1 << 30, Sectors = (1 << 30) - 256 };
        var check = new BttCheck(new SparseMedium(1 << 20), SmallBtt.Start, info, new MediumReport());
        (First(check), Count(check)) = (pass, blocks);
        var random = new Random(1);
        var expected = new SortedSet<uint>();
        uint[] entries = new uint[800];
        for (uint i = 0; i < entries.Length; i++)
        {
            uint block = random.Next(2) == 0 ? pass + at + i : pass + blocks - 1 - (i * 37);
            entries[i] = block == pass + at + i ? 0 : BttInfo.Written | block;
            expected.Add(block - pass);
        }
        ScanChunk(check, entries, pass + at);
        uint[] seen = Seen(check);
        Assert.Equal(expected, Enumerable.Range(0, (int)blocks).Where(block => (seen[8 + (block / 32)] & 1U << block) != 0).Select(block => (uint)block));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_first")]
    private static extern ref uint First(BttCheck check);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_count")]
    private static extern ref uint Count(BttCheck check);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_seen")]
    private static extern ref uint[] Seen(BttCheck check);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "ScanChunk")]
    private static extern void ScanChunk(BttCheck check, Span<uint> entries, uint first);

    /// <summary>Runs in order, runs at random and runs never written, with every state: each block once.</summary>
    private static uint[] RandomMap(Random random, uint sectors)
    {
        uint[] map = [.. Enumerable.Range(0, (int)sectors).Select(i => (uint)i)];
        for (int start = 0; start < map.Length;)
        {
            int length = Math.Min(random.Next(1, 3000), map.Length - start), kind = random.Next(3);
            Span<uint> run = map.AsSpan(start, length);
            if (kind == 1)
                random.Shuffle(run);
            for (int i = 0; i < length; i++)
                run[i] = kind == 2 && run[i] == start + i ? 0 : run[i] | (random.Next(20) == 0 ? random.Next(2) == 0 ? BttInfo.Zeroed : BttInfo.Failed : BttInfo.Written);
            start += length;
        }
        return map;
    }

    private static Expected Count(uint[] map, BttInfo info)
    {
        var faults = new List<(MediumFaultKind, long)>();
        var owners = new HashSet<uint>();
        var shared = new SortedSet<int>();
        long unwritten = 0, zeroed = 0, failed = 0;
        for (uint sector = 0; sector < map.Length; sector++)
        {
            uint state = map[sector] >> 30, block = state == 0 ? sector : map[sector] & 0x3FFF_FFFF;
            long at = SmallBtt.Start + info.Map + (sector * 4);
            (unwritten, failed, zeroed) = (unwritten + (state == 0 ? 1 : 0), failed + (state == 1 ? 1 : 0), zeroed + (state == 2 ? 1 : 0));
            if ((state == 0 && map[sector] != 0) || block >= info.Blocks)
                faults.Add((MediumFaultKind.MapEntry, at));
            Take(block, at);
        }
        for (uint lane = 0; lane < Lanes; lane++)
            Take(info.Sectors + lane, SmallBtt.Start + info.Log + (lane * 64));
        for (uint block = 0; block < info.Blocks; block++)
        {
            if (!owners.Contains(block))
                faults.Add((MediumFaultKind.LostBlock, SmallBtt.Start + 4096 + (block * 512)));
        }
        return new Expected([.. faults.Order()], [.. shared], unwritten, zeroed, failed);

        void Take(uint block, long at)
        {
            if (block < info.Blocks && !owners.Add(block))
            {
                faults.Add((MediumFaultKind.SharedBlock, at));
                shared.Add((int)block);
            }
        }
    }

    private sealed record Expected(List<(MediumFaultKind, long)> Faults, List<int> Shared, long Unwritten, long Zeroed, long Failed);
}
