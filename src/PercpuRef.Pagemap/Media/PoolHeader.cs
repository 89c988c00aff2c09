using System.Buffers.Binary;
using System.Text;

namespace Percpu.Pagemap;

/// <summary>The front of a pool file of PMDK's libpmemblk, whose namespace begins at byte 8192.</summary>
internal readonly record struct PoolHeader(Guid Set, uint SectorSize)
{
    internal const long Size = 2 * InfoSignature.BlockSize;

    /// <summary>libpmemblk rounds the size of a sector up to it.</summary>
    internal const int Rounding = 256;

    private const int SetAt = 24, PartAt = 40, NextPartAt = 72, SectorSizeAt = 4096;

    /// <summary>Reads the header; null where the medium is no pool.</summary>
    /// <param name="head">The first 8,192 bytes.</param>
    /// <exception cref="InfoBlockException">It is a pool of another library of PMDK, or one of several files.</exception>
    internal static PoolHeader? Read(ReadOnlySpan<byte> head)
    {
        if (!IsPool(head))
            return null;
        if (!head.StartsWith("PMEMBLK\0"u8))
            throw new InfoBlockException($"The medium is a pool '{Encoding.ASCII.GetString(head[..7])}' of PMDK, and no namespace.", InfoBlockFault.Foreign);
        if (!head.Slice(PartAt, 16).SequenceEqual(head.Slice(NextPartAt, 16)))
            throw new InfoBlockException("The pool of PMDK consists of several files: one of them alone cannot be opened.", InfoBlockFault.Foreign);
        return new PoolHeader(new Guid(head.Slice(SetAt, 16), bigEndian: true), BinaryPrimitives.ReadUInt32LittleEndian(head[SectorSizeAt..]));
    }

    // "PMEM", a name of three letters, and a zero.
    private static bool IsPool(ReadOnlySpan<byte> head) =>
        head.StartsWith("PMEM"u8) && head.Slice(4, 3).IndexOfAnyExceptInRange((byte)'A', (byte)'Z') < 0 && head[7] == 0;
}
