using Percpu.Pagemap;

namespace Percpu.Unit.Media;

/// <summary>Arenas as Linux 6.1 and libpmemblk 1.12.1 lay them out.</summary>
public sealed class LayoutTests
{
    [Theory]
    [InlineData(64L << 20, 4096, 4096, 16_104, 0x3fea000, 0x3ffa000, 0x3ffe000)]
    [InlineData(64L << 20, 4096, 512, 129_736, 0x3f7b000, 0x3ffa000, 0x3ffe000)]
    [InlineData(32L << 20, 4096, 4096, 7_920, 0x1ff2000, 0x1ffa000, 0x1ffe000)]
    [InlineData(32L << 20, 0, 4096, 7_921, 0x1ff3000, 0x1ffb000, 0x1fff000)]
    [InlineData(32L << 20, 4096, 520, 57_539, 0x1fc1000, 0x1ffa000, 0x1ffe000)]
    [InlineData(32L << 20, 4096, 528, 57_539, 0x1fc1000, 0x1ffa000, 0x1ffe000)]
    [InlineData(32L << 20, 4096, 4104, 7_794, 0x1ff2000, 0x1ffa000, 0x1ffe000)]
    [InlineData(32L << 20, 4096, 4160, 7_794, 0x1ff2000, 0x1ffa000, 0x1ffe000)]
    [InlineData(32L << 20, 4096, 4224, 7_672, 0x1ff2000, 0x1ffa000, 0x1ffe000)]
    [InlineData((16L << 20) + 4096, 4096, 4096, 3_829, 0xff7000, 0xffb000, 0xfff000)]
    [InlineData((512L << 30) + (32 << 20), 4096, 4096, 134_086_520, 0x7fe007b000, 0x7fffffb000, 0x7ffffff000)]
    [InlineData(32L << 20, 8192, 512, 64_700, 0x1fb9000, 0x1ff9000, 0x1ffd000)]
    [InlineData(32L << 20, 8192, 4104, 7_438, 0x1ff1000, 0x1ff9000, 0x1ffd000)]
    [InlineData(32L << 20, 8192, 5000, 6_285, 0x1ff2000, 0x1ff9000, 0x1ffd000)]
    public void The_first_arena_is_laid_out_as_theirs(long length, long start, int sectorSize, uint sectors, long map, long log, long copy)
    {
        List<BttInfo> infos = BttFormat.Plan(new SparseMedium(length), start, sectorSize, start == 8192 ? 256 : 64, Guid.NewGuid(), Guid.Empty);
        Assert.Equal((sectors, map, log, copy), (infos[0].Sectors, infos[0].Map, infos[0].Log, infos[0].Copy));
        Assert.Equal(sectors + 256, infos[0].Blocks);
        Assert.Null(infos[0].FaultOf(length - start));
    }

    [Theory]
    [InlineData((512L << 30) + (32 << 20), 2, 7_920)]
    [InlineData((512L << 30) + (16 << 20), 1, 0)] // 4,096 bytes short of a second one.
    public void What_is_left_becomes_another_arena_if_it_is_large_enough(long length, int arenas, uint sectors)
    {
        List<BttInfo> infos = BttFormat.Plan(new SparseMedium(length), 4096, 4096, 64, Guid.NewGuid(), Guid.Empty);
        Assert.Equal(arenas, infos.Count);
        Assert.Equal(arenas == 1 ? 0 : 512L << 30, infos[0].Next);
        Assert.Equal(0, infos[^1].Next);
        Assert.True(arenas == 1 || infos[1].Sectors == sectors);
    }

    [Theory]
    [InlineData(16L << 20, 4096)]
    [InlineData(4096, 4096)]
    public void What_is_too_small_for_an_arena_is_refused(long length, int sectorSize) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BttFormat.Plan(new SparseMedium(length), 4096, sectorSize, 64, Guid.NewGuid(), Guid.Empty));

    [Fact]
    public void I73_parts_of_an_arena_may_touch_and_not_overlap()
    {
        const long data = 4096, map = data + (4160L * 4096), log = map + (4096 * 4), copy = log + (64 * 64);
        BttInfo tight = BttInfo.Create(16L << 20, 4096, 64, Guid.NewGuid(), Guid.Empty) with { Sectors = 4096, Free = 64, Blocks = 4160, Data = data, Map = map, Log = log, Copy = copy };
        const long available = copy + 4096;
        Assert.Null(tight.FaultOf(available));
        Assert.NotNull(tight.FaultOf(available - 1));
        foreach (BttInfo wrong in (BttInfo[])
        [
            tight with { Data = data + 4096 }, tight with { Map = map - 4096 }, tight with { Map = map + 4096 }, tight with { Log = log - 4096 }, tight with { Log = log + 4096 },
            tight with { Data = 0 }, tight with { Data = -4096 }, tight with { Data = long.MinValue }, tight with { Map = -4096 }, tight with { Map = long.MinValue },
            tight with { Log = -4096 }, tight with { Log = long.MinValue }, tight with { Data = long.MaxValue & -4096 }, tight with { Map = long.MaxValue & -4096 }, tight with { Log = long.MaxValue & -4096 },
            tight with { Data = long.MaxValue & -4096, Map = long.MinValue }, tight with { Map = long.MaxValue & -4096, Log = long.MinValue },
        ])
            Assert.Contains("too close", wrong.FaultOf(available), StringComparison.Ordinal);
    }

    [Fact]
    public void I73_numbers_of_an_arena_may_be_at_their_limits_and_no_further()
    {
        const long available = 48L << 20;
        BttInfo good = BttInfo.Create(16L << 20, 4096, 64, Guid.NewGuid(), Guid.Empty) with { Next = 16L << 20 };
        Assert.Null(good.FaultOf(available));
        (BttInfo Info, string? Fault)[] cases =
        [
            // Each part at a multiple of 4,096. With few sectors there is room to move all of them.
            (Small() with { Data = 4096 + 4096 }, null), (Small() with { Data = 4096 + 64 }, "parts at"),
            (Small() with { Map = good.Map - 4096 }, null), (Small() with { Map = good.Map - 64 }, "parts at"),
            (Small() with { Log = good.Log - 4096, Map = good.Map - 4096 }, null), (Small() with { Log = good.Log - 64, Map = good.Map - 4096 }, "parts at"),
            (Small() with { Copy = good.Copy + 4096 }, null), (Small() with { Copy = good.Copy + 64 }, "a copy at|parts at"),
            (good with { Next = good.Next + 4096 }, null), (good with { Next = good.Next + 64 }, "parts at"),
            // The next arena: not in this one, and with room for the smallest.
            (good with { Next = 0 }, null), (good with { Next = good.End - 4096 }, "a next arena at"),
            (good with { Next = available - (16L << 20) }, null), (good with { Next = available - (16L << 20) + 4096 }, "a next arena at"),
            // The copy: where the smallest arena ends, or later, in what there is.
            (good with { Copy = good.Copy - 4096 }, "a copy at"), (Small() with { Copy = available - 4096, Next = 0 }, null),
            (Small() with { Copy = available, Next = 0 }, "a copy at"), (good with { Copy = -4096 }, "a copy at"),
            // The parts do not overlap.
            (good with { Data = 0 }, "too close"), (good with { Data = 8192 }, null), (good with { Data = 12288 }, "too close"), // One block is kept back.
            (good with { Map = good.Map - 4096 }, null), (good with { Map = good.Map - 8192 }, "too close"),
            (good with { Log = good.Map }, "too close"), (good with { Log = good.Log + 4096 }, "too close"),
            (good with { Log = good.Copy + 4096 }, "too close"), (good with { Map = good.Copy + 4096, Log = good.Copy + 8192 }, "too close"),
            // As many blocks as sectors and lanes.
            (good with { Blocks = good.Blocks + 1 }, "free blocks of"), (good with { Free = 257, Blocks = good.Blocks + 1 }, "free blocks of"),
            (good with { Free = 0, Blocks = good.Sectors }, "free blocks of"), (good with { Sectors = 0, Blocks = good.Free }, "free blocks of"),
            (good with { Free = 255, Blocks = good.Blocks - 1 }, null), (good with { Sectors = 1, Blocks = 257 }, null),
            (good with { SectorSize = 511 }, "sectors of"), (good with { SectorSize = 512 }, null), (good with { SectorSize = 4097 }, "sectors of"),
            (Small() with { SectorSize = 512, InternalSize = (16 << 20) + 1, Sectors = 1, Blocks = 2, Free = 1 }, "sectors of"),
        ];
        for (int i = 0; i < cases.Length; i++)
        {
            string? found = cases[i].Info.FaultOf(available);
            Assert.True(cases[i].Fault is { } fault ? found is not null && fault.Split('|').Any(each => found.Contains(each, StringComparison.Ordinal)) : found is null, $"Case {i}: {found}");
        }

        BttInfo Small() => good with { Sectors = 100, Blocks = 356, Next = 32L << 20 };
    }

    [Theory]
    [InlineData(64L << 20, FrameLocation.Memory, 2L << 20)]
    [InlineData(64L << 20, FrameLocation.Medium, 2L << 20)]
    [InlineData(1L << 30, FrameLocation.Memory, 2L << 20)]
    [InlineData(1L << 30, FrameLocation.Medium, 18L << 20)]
    public void Data_of_a_pfn_namespace_begin_where_theirs_do(long length, FrameLocation frames, long offset)
    {
        PfnInfo pfn = PfnInfo.Create(NamespaceMode.Pfn, length, frames, Guid.Empty);
        Assert.Equal(offset, pfn.DataOffset);
        Assert.Equal((ulong)(length - offset) / 4096, pfn.Pages);
        pfn.Check(0, length);
    }
}
