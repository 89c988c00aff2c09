using System.Buffers.Binary;

namespace Percpu.Pagemap;

/// <summary>The info block of a namespace whose pages have frames.</summary>
/// <remarks>Kernel: <c>struct nd_pfn_sb</c>.</remarks>
internal sealed record PfnInfo
{
    internal const int BlockSize = InfoSignature.BlockSize, PageSize = 1 << Pfn.PageShift, FrameSize = 1 << PageFrame.FrameShift;

    /// <summary>Mapped ranges begin and end at its multiples. Kernel: <c>memremap_compat_align</c>.</summary>
    internal const long Granule = 2L << 20;

    internal required NamespaceMode Mode { get; init; }

    internal required Guid Uuid { get; init; }

    internal Guid Parent { get; init; }

    internal ushort Major { get; init; } = 1;

    internal ushort Minor { get; init; } = 4;

    /// <summary>Where data begin, from the namespace's start.</summary>
    internal required long DataOffset { get; init; }

    /// <summary>How many pages there are. Nobody relies on it: it is made anew from the size.</summary>
    internal ulong Pages { get; init; }

    internal uint Frames { get; init; }

    /// <summary>Bytes at the start and the end that are not mapped.</summary>
    internal uint StartPad { get; init; }

    internal uint EndTruncation { get; init; }

    internal uint Alignment { get; init; }

    internal uint PageBytes { get; init; } = PageSize;

    internal uint FrameBytes { get; init; } = FrameSize;

    internal FrameLocation Location => (FrameLocation)Frames;

    /// <summary>Reads a block whose signature and checksum are right. What its minor version does not have yet is as it was
    /// before: no padding (below 1), any alignment (below 2), the usual page and frame (below 4).</summary>
    internal static PfnInfo Read(ReadOnlySpan<byte> block, NamespaceMode mode)
    {
        ushort minor = BinaryPrimitives.ReadUInt16LittleEndian(block[54..]);
        return new PfnInfo
        {
            Mode = mode,
            Uuid = new Guid(block.Slice(16, 16), bigEndian: true),
            Parent = new Guid(block.Slice(32, 16), bigEndian: true),
            Major = BinaryPrimitives.ReadUInt16LittleEndian(block[52..]),
            Minor = minor,
            DataOffset = BinaryPrimitives.ReadInt64LittleEndian(block[56..]),
            Pages = BinaryPrimitives.ReadUInt64LittleEndian(block[64..]),
            Frames = BinaryPrimitives.ReadUInt32LittleEndian(block[72..]),
            StartPad = minor < 1 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(block[76..]),
            EndTruncation = minor < 1 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(block[80..]),
            Alignment = minor < 2 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(block[84..]),
            PageBytes = minor < 4 ? (uint)PageSize : BinaryPrimitives.ReadUInt32LittleEndian(block[88..]),
            FrameBytes = minor < 4 ? (uint)FrameSize : BinaryPrimitives.ReadUInt16LittleEndian(block[92..]),
        };
    }

    internal void Write(Span<byte> block)
    {
        block.Clear();
        InfoSignature.Of(Mode).CopyTo(block);
        Uuid.TryWriteBytes(block[16..], bigEndian: true, out _);
        Parent.TryWriteBytes(block[32..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt16LittleEndian(block[52..], Major);
        BinaryPrimitives.WriteUInt16LittleEndian(block[54..], Minor);
        BinaryPrimitives.WriteInt64LittleEndian(block[56..], DataOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(block[64..], Pages);
        BinaryPrimitives.WriteUInt32LittleEndian(block[72..], Frames);
        BinaryPrimitives.WriteUInt32LittleEndian(block[76..], StartPad);
        BinaryPrimitives.WriteUInt32LittleEndian(block[80..], EndTruncation);
        BinaryPrimitives.WriteUInt32LittleEndian(block[84..], Alignment);
        BinaryPrimitives.WriteUInt32LittleEndian(block[88..], PageBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(block[92..], (ushort)FrameBytes);
        Fletcher64.Store(block, InfoSignature.ChecksumAt);
    }

    /// <summary>Makes the block of a new namespace.</summary>
    /// <param name="mode"><see cref="NamespaceMode.Pfn"/> or <see cref="NamespaceMode.Dax"/>.</param>
    /// <param name="length">Of the namespace.</param>
    /// <param name="location">Where its frames go.</param>
    /// <param name="parent">The label's uuid; zeros without one.</param>
    internal static PfnInfo Create(NamespaceMode mode, long length, FrameLocation location, Guid parent)
    {
        long pages = length / PageSize;
        long front = 2 * BlockSize + (location == FrameLocation.Medium ? pages * FrameSize : 0);
        long data = (front + Granule - 1) / Granule * Granule;
        return new PfnInfo
        {
            Mode = mode, Uuid = Guid.NewGuid(), Parent = parent, DataOffset = data, Pages = (ulong)Math.Max(0, (length - data) / PageSize),
            Frames = (uint)location, Alignment = (uint)Granule,
        };
    }

    /// <summary>Where the mapped range ends, in bytes from the namespace's start: whatever is no whole granule is left out.</summary>
    /// <param name="start">Where the namespace begins in its region.</param>
    /// <param name="length">Of the namespace.</param>
    internal long End(long start, long length) => (start + length - EndTruncation) / Granule * Granule - start;

    /// <summary>Refuses what a kernel refuses. Afterwards all numbers are inside the namespace.</summary>
    /// <param name="start">Where the namespace begins in its region.</param>
    /// <param name="length">Of the namespace.</param>
    /// <exception cref="InfoBlockException">With a fault of its own for each reason.</exception>
    internal void Check(long start, long length)
    {
        if (Location is not (FrameLocation.Memory or FrameLocation.Medium))
            throw Refused($"keeps frames at '{Frames}', which is neither memory (1) nor medium (2)", InfoBlockFault.FrameLocation);
        if (PageBytes != PageSize)
            throw Refused($"has pages of {PageBytes} bytes, not {PageSize}", InfoBlockFault.PageSize);
        if (Location == FrameLocation.Medium && FrameBytes < FrameSize)
            throw Refused($"has frames of {FrameBytes} bytes, fewer than {FrameSize}", InfoBlockFault.FrameSize);
        if (Alignment != 0 && (!uint.IsPow2(Alignment) || Alignment < PageSize || Alignment > length))
            throw Refused($"has an alignment of {Alignment}, in a namespace of {length} bytes", InfoBlockFault.Alignment);
        bool ends = EndTruncation == 0 || (start + length - EndTruncation) % Granule == 0;
        if ((start + StartPad) % Granule != 0 || !ends || End(start, length) <= StartPad)
            throw Refused($"leaves out {StartPad} bytes at the start and {EndTruncation} at the end of {length} at {start}: what is left must begin and end at multiples of {Granule}", InfoBlockFault.Padding);
        long align = Math.Max(Alignment, PageSize);
        if (DataOffset < 2 * BlockSize || DataOffset >= End(start, length) - StartPad || (start + StartPad + DataOffset) % align != 0)
            throw Refused($"has data at {DataOffset} of {length} bytes, with an alignment of {align}", InfoBlockFault.DataOffset);
    }

    private InfoBlockException Refused(string why, InfoBlockFault fault) => new($"The {InfoSignature.Describe(Mode)} {why}.", fault);
}
