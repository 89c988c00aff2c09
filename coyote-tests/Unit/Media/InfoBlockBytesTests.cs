using System.Text;
using Percpu.Pagemap;

namespace Percpu.Unit.Media;

/// <summary>Every byte of the blocks that are written, from the tables of their formats alone: a field that the library does not
/// read itself is read by others.</summary>
public sealed class InfoBlockBytesTests
{
    [Fact]
    public void A_btt_info_block_has_each_field_where_the_format_says_and_nothing_else()
    {
        var info = new BttInfo
        {
            Uuid = new Guid("00112233-4455-6677-8899-aabbccddeeff"), Parent = new Guid("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"),
            Flags = 0x11121314, Major = 0x2122, Minor = 0x2324, SectorSize = 0x31323334, Sectors = 0x41424344, InternalSize = 0x51525354,
            Blocks = 0x61626364, Free = 0x71727374, Next = 0x0102030405060708, Data = 0x1112131415161718, Map = 0x2122232425262728,
            Log = 0x3132333435363738, Copy = 0x4142434445464748,
        };
        byte[] block = new byte[4096];
        block.AsSpan().Fill(0xEE);
        info.Write(block);
        AssertBlock(block, "BTT_ARENA_INFO", info.Uuid, info.Parent,
            (48, 4, 0x11121314), (52, 2, 0x2122), (54, 2, 0x2324), (56, 4, 0x31323334), (60, 4, 0x41424344), (64, 4, 0x51525354), (68, 4, 0x61626364),
            (72, 4, 0x71727374), (76, 4, 4096), (80, 8, 0x0102030405060708), (88, 8, 0x1112131415161718), (96, 8, 0x2122232425262728),
            (104, 8, 0x3132333435363738), (112, 8, 0x4142434445464748));
        Assert.Equal(info, BttInfo.Read(block));
    }

    [Theory]
    [InlineData(NamespaceMode.Pfn, "NVDIMM_PFN_INFO")]
    [InlineData(NamespaceMode.Dax, "NVDIMM_DAX_INFO")]
    public void A_pfn_info_block_has_each_field_where_the_format_says_and_nothing_else(NamespaceMode mode, string signature)
    {
        var info = new PfnInfo
        {
            Mode = mode, Uuid = new Guid("00112233-4455-6677-8899-aabbccddeeff"), Parent = new Guid("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"),
            Major = 0x2122, Minor = 0x2324, DataOffset = 0x1112131415161718, Pages = 0x2122232425262728, Frames = 0x31323334, StartPad = 0x41424344,
            EndTruncation = 0x51525354, Alignment = 0x61626364, PageBytes = 0x71727374, FrameBytes = 0x8182,
        };
        byte[] block = new byte[4096];
        block.AsSpan().Fill(0xEE);
        info.Write(block);
        AssertBlock(block, signature, info.Uuid, info.Parent,
            (52, 2, 0x2122), (54, 2, 0x2324), (56, 8, 0x1112131415161718), (64, 8, 0x2122232425262728), (72, 4, 0x31323334), (76, 4, 0x41424344),
            (80, 4, 0x51525354), (84, 4, 0x61626364), (88, 4, 0x71727374), (92, 2, 0x8182));
        Assert.Equal(info, PfnInfo.Read(block, mode));
    }

    private static void AssertBlock(byte[] block, string signature, Guid uuid, Guid parent, params (int At, int Size, ulong Value)[] fields)
    {
        byte[] expected = new byte[4096];
        Encoding.ASCII.GetBytes(signature).CopyTo(expected, 0);
        uuid.ToByteArray(bigEndian: true).CopyTo(expected, 16);
        parent.ToByteArray(bigEndian: true).CopyTo(expected, 32);
        foreach ((int at, int size, ulong value) in fields)
        {
            for (int i = 0; i < size; i++)
                expected[at + i] = (byte)(value >> (8 * i));
        }
        // Sums of the 4-byte words, and of those sums; the checksum itself counts as zeros.
        uint low = 0, high = 0;
        for (int i = 0; i < 4096; i += 4)
        {
            low += (uint)(expected[i] | expected[i + 1] << 8 | expected[i + 2] << 16 | expected[i + 3] << 24);
            high += low;
        }
        for (int i = 0; i < 4; i++)
        {
            expected[4088 + i] = (byte)(low >> (8 * i));
            expected[4092 + i] = (byte)(high >> (8 * i));
        }
        Assert.Equal(expected, block);
    }
}
