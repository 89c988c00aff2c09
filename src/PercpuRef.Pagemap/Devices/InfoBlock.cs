using System.Buffers.Binary;
using System.Text;

namespace Percpu.Pagemap;

/// <summary>The block near the start of a namespace that says what it holds: 4,096 bytes at offset 4,096.</summary>
/// <remarks>Kernel: <c>struct nd_pfn_sb</c>, <c>struct btt_sb</c>. Layout, little-endian: magic (16 bytes), checksum of
/// the block with this field zero (8), version (4), sector size (4), data offset (8), total length (8).</remarks>
internal readonly record struct InfoBlock(NamespaceMode Mode, long DataOffset, long TotalLength, int SectorSize)
{
    internal const int Offset = 4096, Size = 4096;
    internal const uint Version = 1;

    private static ReadOnlySpan<byte> PfnMagic => "PERCPUREF_PFN\0\0\0"u8;

    private static ReadOnlySpan<byte> BttMagic => "PERCPUREF_BTT\0\0\0"u8;

    /// <summary>Reads the block. Null where a namespace was never formatted: the block is all zeros.</summary>
    /// <param name="medium">The bytes.</param>
    /// <param name="foreignIsRaw">Whether something without our magic is plain data, and null too.</param>
    /// <exception cref="InfoBlockException">It is somebody else's, of another version, damaged, or of a longer medium.</exception>
    internal static InfoBlock? Read(IByteMedium medium, bool foreignIsRaw)
    {
        if (medium.Length < Offset + Size)
            throw new InfoBlockException($"The medium has {medium.Length} bytes, too few for an info block.", InfoBlockFault.Truncated);
        Span<byte> block = stackalloc byte[Size];
        medium.Read(Offset, block);
        if (block.IndexOfAnyExcept((byte)0) < 0)
            return null;
        NamespaceMode mode = block.StartsWith(PfnMagic) ? NamespaceMode.Pfn : block.StartsWith(BttMagic) ? NamespaceMode.Btt : NamespaceMode.Raw;
        if (mode == NamespaceMode.Raw && IsOurs(block))
            throw new InfoBlockException("The info block is damaged: its magic is wrong.", InfoBlockFault.Corrupt);
        if (mode == NamespaceMode.Raw && foreignIsRaw)
            return null;
        if (mode == NamespaceMode.Raw)
            throw new InfoBlockException($"Foreign data where the info block should be, beginning '{Encoding.Latin1.GetString(block[..8])}'.", InfoBlockFault.Foreign);
        ulong checksum = BinaryPrimitives.ReadUInt64LittleEndian(block[16..]);
        block.Slice(16, 8).Clear();
        if (checksum != Checksum.Of(block))
            throw new InfoBlockException("The info block is damaged: its checksum is wrong.", InfoBlockFault.Corrupt);
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(block[24..]);
        if (version != Version)
            throw new InfoBlockException($"The info block has version {version}; this library knows {Version}.", InfoBlockFault.UnknownVersion);
        var info = new InfoBlock(
            mode, BinaryPrimitives.ReadInt64LittleEndian(block[32..]), BinaryPrimitives.ReadInt64LittleEndian(block[40..]),
            BinaryPrimitives.ReadInt32LittleEndian(block[28..]));
        if (info.TotalLength > medium.Length)
            throw new InfoBlockException($"The medium was truncated: it has {medium.Length} bytes of {info.TotalLength}.", InfoBlockFault.Truncated);
        if (info.DataOffset < Offset + Size || info.DataOffset >= info.TotalLength || info.DataOffset % Size != 0 || info.SectorSize is not (512 or 4096))
            throw new InfoBlockException("The info block contradicts itself.", InfoBlockFault.Inconsistent);
        return info;
    }

    // All but the magic is whole: the checksum covers the magic too.
    private static bool IsOurs(ReadOnlySpan<byte> block)
    {
        Span<byte> repaired = stackalloc byte[Size];
        block.CopyTo(repaired);
        ulong checksum = BinaryPrimitives.ReadUInt64LittleEndian(block[16..]);
        repaired.Slice(16, 8).Clear();
        PfnMagic.CopyTo(repaired);
        if (checksum == Checksum.Of(repaired))
            return true;
        BttMagic.CopyTo(repaired);
        return checksum == Checksum.Of(repaired);
    }

    /// <summary>Writes the block and brings it to the medium.</summary>
    internal void Write(IByteMedium medium)
    {
        Span<byte> block = stackalloc byte[Size];
        block.Clear();
        (Mode == NamespaceMode.Pfn ? PfnMagic : BttMagic).CopyTo(block);
        BinaryPrimitives.WriteUInt32LittleEndian(block[24..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(block[28..], SectorSize);
        BinaryPrimitives.WriteInt64LittleEndian(block[32..], DataOffset);
        BinaryPrimitives.WriteInt64LittleEndian(block[40..], TotalLength);
        BinaryPrimitives.WriteUInt64LittleEndian(block[16..], Checksum.Of(block));
        medium.Write(Offset, block);
        medium.Flush(Offset, Size);
    }
}
