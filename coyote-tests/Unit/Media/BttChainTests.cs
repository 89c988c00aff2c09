using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

/// <summary>Arenas one behind the other: which make a chain, what of a block that stands in it is refused, and that every walk ends.</summary>
public sealed class BttChainTests
{
    private const long Start = 4096, Arena = 16L << 20;
    private static readonly Guid Parent = Guid.NewGuid();

    [Fact]
    public void I73_arenas_are_read_reconstructed_and_repaired_in_their_order_to_the_last()
    {
        List<BttInfo> infos = Infos(3);
        SparseMedium medium = Written(infos);
        Worker.RunWaiting("a walk over three arenas", () =>
        {
            Assert.Equal(infos.Select((info, i) => (Start + (i * Arena), info)), BttChain.Read(medium, Start, Parent));
            Assert.Equal(infos.Select((info, i) => (Start + (i * Arena), info)), BttAudit.Reconstruct(medium, Start));
            Assert.Equal(0, BttRepair.Run(medium, Start, Parent));
        });
        // The last arena's first block, which its copy gives back.
        medium.Write(Start + (2 * Arena) + 20, [0xFF, 0xFF]);
        Worker.RunWaiting("a walk over three arenas", () =>
        {
            Assert.Equal(infos.Select((info, i) => (Start + (i * Arena), info)), BttAudit.Reconstruct(medium, Start));
            Assert.Equal(InfoBlockFault.Corrupt, Assert.Throws<InfoBlockException>(() => BttChain.Read(medium, Start, Parent)).Fault);
            Assert.Equal(1, BttRepair.Run(medium, Start, Parent));
            Assert.Equal(3, BttChain.Read(medium, Start, Parent).Count);
        });
    }

    [Fact]
    public void I73_a_walk_from_copies_ends_at_the_first_arena_of_which_nothing_is_left_or_that_contradicts_itself()
    {
        SparseMedium medium = Written(Infos(3));
        Clear(medium, Start + Arena);
        Clear(medium, Start + Arena + Infos(1)[0].Copy);
        Assert.Single(BttAudit.Reconstruct(medium, Start));
        List<BttInfo> infos = Infos(3);
        infos[1] = infos[1] with { Next = 2 * Arena }; // Behind the end.
        medium = Written(infos);
        Assert.Single(BttAudit.Reconstruct(medium, Start));
    }

    [Theory]
    [InlineData("whole", null)]
    [InlineData("the medium ends a page early", InfoBlockFault.Truncated)]
    [InlineData("the copy stands behind the end", InfoBlockFault.Truncated)]
    [InlineData("the copy stands before the beginning", InfoBlockFault.Truncated)]
    [InlineData("the next arena begins behind the end", InfoBlockFault.Truncated)]
    [InlineData("the next arena begins in this one", InfoBlockFault.Inconsistent)]
    [InlineData("a block too many", InfoBlockFault.Inconsistent)]
    [InlineData("another parent", InfoBlockFault.WrongParent)]
    [InlineData("no parent", null)]
    [InlineData("version 1.0", InfoBlockFault.UnknownVersion)]
    [InlineData("version 1.2", InfoBlockFault.UnknownVersion)]
    [InlineData("version 2.0", InfoBlockFault.WrongPlace)]
    [InlineData("another uuid", InfoBlockFault.Inconsistent)]
    [InlineData("other sectors", InfoBlockFault.Inconsistent)]
    [InlineData("missing", InfoBlockFault.OnlyCopy)]
    [InlineData("damaged", InfoBlockFault.Corrupt)]
    public void I73_a_block_of_the_last_arena_is_taken_or_refused_by_a_fault_of_its_own(string what, InfoBlockFault? fault)
    {
        List<BttInfo> infos = Infos(2);
        BttInfo last = infos[1];
        infos[1] = what switch
        {
            "the copy stands behind the end" => last with { Copy = last.Copy + 4096 },
            "the copy stands before the beginning" => last with { Copy = -4096 },
            "the next arena begins behind the end" => last with { Next = Arena },
            "a block too many" => last with { Blocks = last.Blocks + 1 },
            "another parent" => last with { Parent = Guid.NewGuid() },
            "no parent" => last with { Parent = Guid.Empty },
            "version 1.0" => last with { Minor = 0 },
            "version 1.2" => last with { Minor = 2 },
            "version 2.0" => last with { Major = 2, Minor = 0 },
            "another uuid" => last with { Uuid = Guid.NewGuid() },
            "other sectors" => BttInfo.Create(Arena, 512, 64, last.Uuid, Parent),
            _ => last,
        };
        if (what == "the next arena begins in this one")
            infos[0] = infos[0] with { Next = 4096 };
        SparseMedium medium = Written(infos, what == "the medium ends a page early" ? -4096 : 0);
        if (what == "missing")
            Clear(medium, Start + Arena);
        if (what == "damaged")
            medium.Write(Start + Arena + 100, [1]);
        Worker.RunWaiting("a walk over two arenas", () =>
        {
            if (fault is null)
                Assert.Equal(infos, BttChain.Read(medium, Start, Parent).Select(each => each.Info));
            else
                Assert.Equal(fault, Assert.Throws<InfoBlockException>(() => BttChain.Read(medium, Start, Parent)).Fault);
        });
    }

    [Fact]
    public void I73_a_repair_makes_nothing_of_a_block_that_contradicts_itself_or_belongs_to_another()
    {
        foreach ((Func<BttInfo, BttInfo> change, InfoBlockFault fault) in ((Func<BttInfo, BttInfo>, InfoBlockFault)[])
        [
            (info => info with { Blocks = info.Blocks + 1 }, InfoBlockFault.Inconsistent),
            (info => info with { Next = 2 * Arena }, InfoBlockFault.Inconsistent),
            (info => info with { Copy = info.Copy + 4096 }, InfoBlockFault.Inconsistent),
            (info => info with { Parent = Guid.NewGuid() }, InfoBlockFault.WrongParent),
        ])
        {
            List<BttInfo> infos = Infos(2);
            infos[1] = change(infos[1]);
            SparseMedium medium = Written(infos);
            Clear(medium, Start + infos[0].Copy); // The copy of the first could be put back.
            long stores = medium.Stores;
            Assert.Equal(fault, Assert.Throws<InfoBlockException>(() => BttRepair.Run(medium, Start, Parent)).Fault);
            Assert.Equal(stores, medium.Stores);
        }
    }

    [Fact]
    public void I73_a_second_version_counts_at_the_front_alone()
    {
        var medium = new SparseMedium(Arena);
        BttFormat.Write(medium, 0, BttFormat.Plan(medium, 0, 4096, 64, Guid.NewGuid(), Parent), asPool: false);
        BttInfo info = Assert.Single(BttChain.Read(medium, 0, Parent)).Info;
        Assert.Equal((2, 0), (info.Major, info.Minor));
        Put(medium, 0, info with { Major = 1, Minor = 1 });
        Assert.Equal(InfoBlockFault.WrongPlace, Assert.Throws<InfoBlockException>(() => BttChain.Read(medium, 0, Parent)).Fault);
    }

    [Fact]
    public void The_search_for_a_label_area_ends_also_where_its_first_index_block_is_damaged() => Worker.RunWaiting("the end of a search", () =>
    {
        const long size = 128 << 10;
        foreach (int minor in (int[])[1, 2])
        {
            var medium = new SparseMedium((4 << 20) + size);
            var area = new MediumWindow(medium, 4 << 20, size);
            LabelIndex index = LabelIndex.Create(size, minor, 1);
            index.Write(area, index.Size);
            Assert.Equal(size, LabelIndex.FindArea(medium));
            area.Write(index.Size, [0]);
            Assert.Equal(0, LabelIndex.FindArea(medium));
        }
    });

    private static List<BttInfo> Infos(int count)
    {
        var uuid = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        return [.. Enumerable.Range(0, count).Select(i => BttInfo.Create(Arena, 4096, 64, uuid, Parent) with { Next = i == count - 1 ? 0 : Arena })];
    }

    private static SparseMedium Written(List<BttInfo> infos, long more = 0)
    {
        var medium = new SparseMedium(Start + (infos.Count * Arena) + more);
        var whole = new SparseMedium(Start + (infos.Count * Arena));
        BttFormat.Write(whole, Start, Infos(infos.Count), asPool: false);
        byte[] page = new byte[4096];
        for (long at = 0; at < medium.Length; at += page.Length)
        {
            whole.Read(at, page);
            if (page.AsSpan().IndexOfAnyExcept((byte)0) >= 0)
                medium.Write(at, page);
        }
        for (int i = 0; i < infos.Count; i++)
        {
            Put(medium, Start + (i * Arena), infos[i]);
            if (more == 0)
                Put(medium, Start + (i * Arena) + Infos(1)[0].Copy, infos[i]);
        }
        return medium;
    }

    private static void Put(SparseMedium medium, long at, BttInfo info)
    {
        byte[] block = new byte[4096];
        info.Write(block);
        medium.Write(at, block);
    }

    private static void Clear(SparseMedium medium, long at) => medium.Write(at, new byte[4096]);
}
