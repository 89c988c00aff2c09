using System.Buffers.Binary;

namespace Percpu.Pagemap;

/// <summary>The checksum of every block of namespaces and labels: Fletcher's over words of 4 bytes, little-endian.</summary>
/// <remarks>UEFI: <c>Fletcher64</c>. Kernel: <c>nd_fletcher64</c>.</remarks>
internal static class Fletcher64
{
    /// <param name="block">A multiple of 4 bytes.</param>
    /// <param name="at">Where the block holds its own checksum: these 8 bytes count as zeros.</param>
    internal static ulong Of(ReadOnlySpan<byte> block, int at)
    {
        uint low = 0, high = 0;
        for (int i = 0; i < block.Length; i += sizeof(uint))
        {
            if (i < at || i >= at + sizeof(ulong))
                low += BinaryPrimitives.ReadUInt32LittleEndian(block[i..]);
            high += low;
        }
        return (ulong)high << 32 | low;
    }

    internal static bool Holds(ReadOnlySpan<byte> block, int at) =>
        BinaryPrimitives.ReadUInt64LittleEndian(block[at..]) == Of(block, at);

    internal static void Store(Span<byte> block, int at) =>
        BinaryPrimitives.WriteUInt64LittleEndian(block[at..], Of(block, at));
}
