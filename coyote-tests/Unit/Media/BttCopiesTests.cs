using Percpu.Pagemap;

namespace Percpu.Unit.Media;

/// <summary>Where copies of blocks are looked for, and what must be blank.</summary>
public sealed class BttCopiesTests
{
    private const long Mebibyte = 1 << 20, Kibibyte = 1 << 10;

    [Theory]
    [InlineData(0L, (34 * Mebibyte) + (300 * Kibibyte))]
    [InlineData(4096L, (34 * Mebibyte) + (300 * Kibibyte) + 511)]
    [InlineData(8192L, (67 * Mebibyte) + 4096)]
    [InlineData(4096L, (512L << 30) + (5 * Mebibyte))]
    public void A_copy_is_found_where_an_arena_may_end_and_nowhere_else(long start, long length)
    {
        const long granule = 2 * Mebibyte, smallest = 16 * Mebibyte;
        long[] ends = [length & -4096, (length - (128 * Kibibyte)) & -4096, length / granule * granule, length / smallest * smallest];
        if (start + BttInfo.LargestArena <= length)
            ends = [.. ends, start + BttInfo.LargestArena];
        foreach (long end in (long[])[.. ends, (length & -4096) - 4096, (length & -4096) - (64 * Kibibyte), (length / granule * granule) - granule, (length / smallest * smallest) - smallest])
        {
            if (end - start is < smallest or > (512L << 30))
                continue;
            BttInfo info = BttInfo.Create(end - start, 4096, 64, Guid.NewGuid(), Guid.Empty);
            var medium = new SparseMedium(length);
            byte[] block = new byte[4096];
            info.Write(block);
            medium.Write(end - 4096, block);
            bool isEnd = Array.IndexOf(ends, end) >= 0;
            Assert.Equal(isEnd ? end - 4096 : -1, BttCopies.Find(medium, start, out BttInfo? found));
            Assert.Equal(isEnd ? info : null, found);
            // Of a block that stood a page further on it is none.
            Assert.Equal(-1, BttCopies.Find(medium, start + 4096, out found));
            Assert.Null(found);
        }
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(4095, false)]
    [InlineData(4096, false)]
    [InlineData(8191, false)]
    [InlineData(8192, true)]
    public void What_is_formatted_is_blank_from_the_first_byte_to_the_last_where_blocks_go(int at, bool isBlank)
    {
        var medium = new SparseMedium(16 * Mebibyte);
        if (at >= 0)
            medium.Write(at, "A"u8);
        if (isBlank)
        {
            NamespaceContent.CheckBlank(medium);
            return;
        }
        InfoBlockException thrown = Assert.Throws<InfoBlockException>(() => NamespaceContent.CheckBlank(medium));
        Assert.Equal(InfoBlockFault.Foreign, thrown.Fault);
        Assert.Contains($"at {at}, beginning 'A", thrown.Message, StringComparison.Ordinal);
    }
}
