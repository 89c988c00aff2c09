using System.Buffers.Binary;

namespace Percpu.Pagemap;

/// <summary>The info block of one arena of a btt. Offsets count from the block itself.</summary>
/// <remarks>UEFI: <c>EFI_BTT_INFO_BLOCK</c>. Kernel: <c>struct btt_sb</c>.</remarks>
internal sealed partial record BttInfo
{
    internal const int BlockSize = InfoSignature.BlockSize, Lanes = 256, LogEntrySize = 64, SmallestSector = 512;
    internal const long SmallestArena = 16L << 20, LargestArena = 512L << 30;

    internal required Guid Uuid { get; init; }

    internal required Guid Parent { get; init; }

    internal uint Flags { get; init; }

    internal ushort Major { get; init; } = 1;

    internal ushort Minor { get; init; } = 1;

    /// <summary>What a sector is to users, its metadata included.</summary>
    internal required uint SectorSize { get; init; }

    internal required uint Sectors { get; init; }

    /// <summary>What a sector takes on the medium.</summary>
    internal required uint InternalSize { get; init; }

    internal required uint Blocks { get; init; }

    /// <summary>Free blocks, one a lane.</summary>
    internal uint Free { get; init; } = Lanes;

    /// <summary>Where the next arena begins; 0 for the last.</summary>
    internal long Next { get; init; }

    internal long Data { get; init; } = BlockSize;

    internal required long Map { get; init; }

    internal required long Log { get; init; }

    internal required long Copy { get; init; }

    internal bool IsError => (Flags & 1) != 0;

    internal long End => Copy + BlockSize;

    /// <summary>Reads a block whose signature and checksum are right. Nothing of it is believed yet: see <see cref="FaultOf"/>.</summary>
    internal static BttInfo Read(ReadOnlySpan<byte> block) => new()
    {
        Uuid = new Guid(block.Slice(16, 16), bigEndian: true),
        Parent = new Guid(block.Slice(32, 16), bigEndian: true),
        Flags = BinaryPrimitives.ReadUInt32LittleEndian(block[48..]),
        Major = BinaryPrimitives.ReadUInt16LittleEndian(block[52..]),
        Minor = BinaryPrimitives.ReadUInt16LittleEndian(block[54..]),
        SectorSize = BinaryPrimitives.ReadUInt32LittleEndian(block[56..]),
        Sectors = BinaryPrimitives.ReadUInt32LittleEndian(block[60..]),
        InternalSize = BinaryPrimitives.ReadUInt32LittleEndian(block[64..]),
        Blocks = BinaryPrimitives.ReadUInt32LittleEndian(block[68..]),
        Free = BinaryPrimitives.ReadUInt32LittleEndian(block[72..]),
        Next = BinaryPrimitives.ReadInt64LittleEndian(block[80..]),
        Data = BinaryPrimitives.ReadInt64LittleEndian(block[88..]),
        Map = BinaryPrimitives.ReadInt64LittleEndian(block[96..]),
        Log = BinaryPrimitives.ReadInt64LittleEndian(block[104..]),
        Copy = BinaryPrimitives.ReadInt64LittleEndian(block[112..]),
    };

    internal void Write(Span<byte> block)
    {
        block.Clear();
        InfoSignature.Btt.CopyTo(block);
        Uuid.TryWriteBytes(block[16..], bigEndian: true, out _);
        Parent.TryWriteBytes(block[32..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32LittleEndian(block[48..], Flags);
        BinaryPrimitives.WriteUInt16LittleEndian(block[52..], Major);
        BinaryPrimitives.WriteUInt16LittleEndian(block[54..], Minor);
        BinaryPrimitives.WriteUInt32LittleEndian(block[56..], SectorSize);
        BinaryPrimitives.WriteUInt32LittleEndian(block[60..], Sectors);
        BinaryPrimitives.WriteUInt32LittleEndian(block[64..], InternalSize);
        BinaryPrimitives.WriteUInt32LittleEndian(block[68..], Blocks);
        BinaryPrimitives.WriteUInt32LittleEndian(block[72..], Free);
        BinaryPrimitives.WriteUInt32LittleEndian(block[76..], BlockSize);
        BinaryPrimitives.WriteInt64LittleEndian(block[80..], Next);
        BinaryPrimitives.WriteInt64LittleEndian(block[88..], Data);
        BinaryPrimitives.WriteInt64LittleEndian(block[96..], Map);
        BinaryPrimitives.WriteInt64LittleEndian(block[104..], Log);
        BinaryPrimitives.WriteInt64LittleEndian(block[112..], Copy);
        Fletcher64.Store(block, InfoSignature.ChecksumAt);
    }

    /// <summary>What is wrong with the numbers, or null. Afterwards all of them are inside the medium and do not overlap.</summary>
    /// <param name="available">Bytes of the medium from the block on.</param>
    internal string? FaultOf(long available)
    {
        if (SectorSize < SmallestSector || InternalSize < SectorSize || InternalSize > SmallestArena)
            return $"sectors of {SectorSize} bytes in blocks of {InternalSize}";
        if (Free is 0 or > Lanes || Sectors == 0 || Blocks > NumberMask || (ulong)Sectors + Free != Blocks)
            return $"{Sectors} sectors and {Free} free blocks of {Blocks}";
        if (Copy < 0 || Copy > available - BlockSize || Copy > LargestArena - BlockSize || Copy < SmallestArena - BlockSize)
            return $"a copy at {Copy} of {available}";
        if (((Data | Map | Log | Copy | Next) & (BlockSize - 1)) != 0)
            return $"parts at {Data}, {Map}, {Log}, {Copy} and {Next}, not at multiples of {BlockSize}";
        // Each begins behind the one before, wherever a medium says that is.
        if (Data < BlockSize || Map < (Int128)Data + (long)Blocks * InternalSize || Log < (Int128)Map + (long)Sectors * sizeof(uint)
            || Copy < (Int128)Log + (long)Free * LogEntrySize)
            return $"data at {Data}, map at {Map}, log at {Log} and copy at {Copy}, too close for {Blocks} blocks of {InternalSize}";
        return Next != 0 && (Next < End || Next > available - SmallestArena) ? $"a next arena at {Next} of {available}" : null;
    }
}
