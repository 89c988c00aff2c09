using System.Buffers.Binary;

namespace Percpu.Pagemap;

/// <summary>The info block of the library's first version: read, and never written any more. 4,096 bytes at offset 4,096.</summary>
/// <remarks>Layout, little-endian: magic (16 bytes), checksum of the block with this field zero (8), version (4), sector
/// size (4), data offset (8), total length (8).</remarks>
internal readonly record struct LegacyInfoBlock(NamespaceMode Mode, long DataOffset, long TotalLength, int SectorSize)
{
    /// <summary>Of each of the two slots that a btt's sector has.</summary>
    internal const int HeaderSize = 16;

    private const uint Version = 1;

    private static ReadOnlySpan<byte> PfnMagic => "PERCPUREF_PFN\0\0\0"u8;

    private static ReadOnlySpan<byte> BttMagic => "PERCPUREF_BTT\0\0\0"u8;

    /// <summary>Of a btt.</summary>
    internal long Sectors => (TotalLength - DataOffset) / (2 * (HeaderSize + SectorSize));

    /// <summary>Reads a block. Null where it is nothing of ours.</summary>
    /// <param name="found">4,096 bytes.</param>
    /// <param name="length">Of the medium.</param>
    /// <exception cref="InfoBlockException">It is ours, and of another version, damaged, or of a longer medium.</exception>
    internal static LegacyInfoBlock? Read(ReadOnlySpan<byte> found, long length)
    {
        Span<byte> block = stackalloc byte[InfoSignature.BlockSize];
        found.CopyTo(block);
        ulong checksum = BinaryPrimitives.ReadUInt64LittleEndian(block[16..]);
        block.Slice(16, 8).Clear();
        NamespaceMode? mode = block.StartsWith(PfnMagic) ? NamespaceMode.Pfn : block.StartsWith(BttMagic) ? NamespaceMode.Btt : null;
        if (mode is null && (block.StartsWith(PfnMagic[..10]) || Holds(block, PfnMagic, checksum) || Holds(block, BttMagic, checksum)))
            throw new InfoBlockException("The legacy info block is damaged: its magic is wrong.", InfoBlockFault.Corrupt);
        if (mode is null)
            return null;
        if (checksum != LegacyChecksum.Of(block))
            throw new InfoBlockException($"The legacy info block is damaged: its checksum 0x{checksum:x} is wrong.", InfoBlockFault.Corrupt);
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(block[24..]);
        if (version != Version)
            throw new InfoBlockException($"The legacy info block has version {version}; this library knows {Version}.", InfoBlockFault.UnknownVersion);
        var info = new LegacyInfoBlock(
            mode.Value, BinaryPrimitives.ReadInt64LittleEndian(block[32..]), BinaryPrimitives.ReadInt64LittleEndian(block[40..]),
            BinaryPrimitives.ReadInt32LittleEndian(block[28..]));
        if (info.TotalLength > length)
            throw new InfoBlockException($"The medium was truncated: it has {length} bytes of {info.TotalLength}.", InfoBlockFault.Truncated);
        if (info.DataOffset < 2 * InfoSignature.BlockSize || info.DataOffset >= info.TotalLength || info.DataOffset % InfoSignature.BlockSize != 0)
            throw new InfoBlockException($"The legacy info block has data at {info.DataOffset} of {info.TotalLength}.", InfoBlockFault.Inconsistent);
        return info.SectorSize is 512 or 4096
            ? info
            : throw new InfoBlockException($"The legacy info block has sectors of {info.SectorSize} bytes.", InfoBlockFault.Inconsistent);
    }

    // All but the magic is whole: the checksum covers the magic too.
    private static bool Holds(ReadOnlySpan<byte> block, ReadOnlySpan<byte> magic, ulong checksum)
    {
        Span<byte> repaired = stackalloc byte[InfoSignature.BlockSize];
        block.CopyTo(repaired);
        magic.CopyTo(repaired);
        return checksum == LegacyChecksum.Of(repaired);
    }
}
