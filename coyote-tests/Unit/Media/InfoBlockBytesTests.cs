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

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_label_has_each_field_where_the_format_says_and_nothing_else(int minor)
    {
        var label = new NamespaceLabel
        {
            Uuid = new Guid("00112233-4455-6677-8899-aabbccddeeff"), Name = new string('n', 63), Flags = 0x11121314, Parts = 0x2122, Position = 0x2324,
            SetCookie = 0x3132333435363738, SectorSize = 0x4142434445464748, Address = 0x5152535455565758, Size = 0x6162636465666768, Slot = 0x71727374,
            Type = minor == 1 ? new Guid("66f0d379-b4f3-4074-ac43-0d3318b78cdb") : new Guid("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"),
            Abstraction = minor == 1 ? Guid.Empty : new Guid("18633bfc-1735-4217-8ac9-17239282d3f8"),
        };
        int length = minor == 1 ? 128 : 256;
        byte[] bytes = new byte[length], expected = new byte[length];
        bytes.AsSpan().Fill(0xEE);
        label.Write(bytes, minor);
        label.Uuid.ToByteArray(bigEndian: true).CopyTo(expected, 0);
        expected.AsSpan(16, 63).Fill((byte)'n');
        foreach ((int at, int size, ulong value) in ((int, int, ulong)[])
        [
            (80, 4, 0x11121314), (84, 2, 0x2122), (86, 2, 0x2324), (88, 8, 0x3132333435363738), (96, 8, 0x4142434445464748), (104, 8, 0x5152535455565758),
            (112, 8, 0x6162636465666768), (120, 4, 0x71727374),
        ])
            Put(expected, at, size, value);
        if (minor == 2)
        {
            // These two as Windows stores them, unlike that of the namespace.
            label.Type.ToByteArray().CopyTo(expected, 128);
            label.Abstraction.ToByteArray().CopyTo(expected, 144);
            PutChecksum(expected, 248);
        }
        Assert.Equal(expected, bytes);
        Assert.Equal(label, NamespaceLabel.Read(bytes, minor));
        if (minor == 1)
            return;
        for (int at = 0; at < length; at++)
        {
            bytes[at] ^= 1;
            Assert.Null(NamespaceLabel.Read(bytes, minor));
            bytes[at] ^= 1;
        }
    }

    [Fact]
    public void A_label_claims_what_its_guid_says()
    {
        foreach ((NamespaceMode mode, string guid) in ((NamespaceMode, string)[])
            [(NamespaceMode.Btt, "18633bfc-1735-4217-8ac9-17239282d3f8"), (NamespaceMode.Pfn, "266400ba-fb9f-4677-bcb0-968f11d0d225"), (NamespaceMode.Dax, "97a86d9c-3cdd-4eda-986f-5068b4f80088"), (NamespaceMode.Raw, "00000000-0000-0000-0000-000000000000")])
        {
            Assert.Equal(new Guid(guid), NamespaceLabel.ClaimOf(mode));
            var label = new NamespaceLabel { Uuid = Guid.NewGuid(), Address = 0, Size = 1, Slot = 0, Abstraction = new Guid(guid) };
            Assert.Equal(mode == NamespaceMode.Raw ? null : mode, label.Claim);
            Assert.True(label is { IsPersistentMemory: true, IsUpdating: false, Parts: 1, Position: 0, Flags: 0, SectorSize: 512 });
            Assert.False((label with { Type = Guid.Empty }).IsPersistentMemory);
        }
        foreach (uint flags in (uint[])[1, 2, 4, 8, 16, ~8U, uint.MaxValue])
            Assert.Equal((flags & 8) != 0, new NamespaceLabel { Uuid = default, Address = 0, Size = 0, Slot = 0, Flags = flags }.IsUpdating);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(1, 512)]
    public void An_index_block_has_each_field_where_the_format_says_and_nothing_else(int minor, long at)
    {
        const long size = 256 << 10;
        LabelIndex index = LabelIndex.Create(size, minor, 3);
        index.SetFree(0, false);
        index.SetFree(9, false);
        index.SetFree(index.Slots - 1, false);
        index.SetFree(9, true);
        var medium = new SparseMedium(size);
        index.Write(medium, at);
        byte[] bytes = new byte[size], expected = new byte[size];
        medium.Read(0, bytes);
        Span<byte> block = expected.AsSpan((int)at, index.Size);
        "NAMESPACE_INDEX\0"u8.CopyTo(block);
        block[19] = (byte)(minor - 1);
        byte[] head = new byte[72];
        foreach ((int field, int count, ulong value) in ((int, int, ulong)[])
            [(20, 4, 3), (24, 8, (ulong)at), (32, 8, (ulong)index.Size), (40, 8, at == 0 ? (ulong)index.Size : 0), (48, 8, 2 * (ulong)index.Size), (56, 4, index.Slots), (60, 2, 1), (62, 2, (ulong)minor)])
            Put(head, field, count, value);
        head.AsSpan(20).CopyTo(block[20..]);
        int bits = ((int)index.Slots + 63) / 64 * 8;
        block.Slice(72, bits).Fill(0xFF);
        block[72] = 0xFE;
        block[72 + (((int)index.Slots - 1) / 8)] &= (byte)~(1 << (((int)index.Slots - 1) % 8));
        byte[] whole = block.ToArray();
        PutChecksum(whole, 64);
        whole.CopyTo(block);
        Assert.Equal(expected, bytes);
        Assert.Equal(2L * index.Size + (minor * 128L * 9), index.LabelAt(9));
        Assert.True(!index.IsFree(0) && index.IsFree(1) && index.IsFree(9) && !index.IsFree(index.Slots - 1));
    }

    private static void Put(byte[] bytes, int at, int size, ulong value)
    {
        for (int i = 0; i < size; i++)
            bytes[at + i] = (byte)(value >> (8 * i));
    }

    // Sums of the 4-byte words, and of those sums; the checksum itself counts as zeros.
    private static void PutChecksum(byte[] bytes, int at)
    {
        uint low = 0, high = 0;
        for (int i = 0; i < bytes.Length; i += 4)
        {
            low += (uint)(bytes[i] | bytes[i + 1] << 8 | bytes[i + 2] << 16 | bytes[i + 3] << 24);
            high += low;
        }
        Put(bytes, at, 4, low);
        Put(bytes, at + 4, 4, high);
    }

    private static void AssertBlock(byte[] block, string signature, Guid uuid, Guid parent, params (int At, int Size, ulong Value)[] fields)
    {
        byte[] expected = new byte[4096];
        Encoding.ASCII.GetBytes(signature).CopyTo(expected, 0);
        uuid.ToByteArray(bigEndian: true).CopyTo(expected, 16);
        parent.ToByteArray(bigEndian: true).CopyTo(expected, 32);
        foreach ((int at, int size, ulong value) in fields)
            Put(expected, at, size, value);
        PutChecksum(expected, 4088);
        Assert.Equal(expected, block);
    }
}
