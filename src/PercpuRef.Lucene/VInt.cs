using System.Numerics;
using System.Runtime.CompilerServices;

namespace Percpu.Lucene;

/// <summary>Lucene's numbers of variable length, from 8 bytes at once: 7 bits a byte, the lowest first, the top bit set in
/// all but the last.</summary>
internal static class VInt
{
    /// <summary>Decodes a number of at most 5 bytes. False for one that is longer, or has more than 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryDecode32(ulong bytes, out int value, out int length)
    {
        ulong ends = ~bytes & 0x80_8080_8080;
        ulong own = bytes & (ends ^ (ends - 1)); // Up to the end bit, which is 0.
        value = (int)Gather(own);
        length = (BitOperations.TrailingZeroCount(ends) + 1) >> 3;
        return ends != 0 && own <= 0xF_FFFF_FFFF;
    }

    /// <summary>Decodes a number of at most 8 bytes. False for a longer one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryDecode64(ulong bytes, out long value, out int length)
    {
        ulong ends = ~bytes & 0x8080_8080_8080_8080;
        value = (long)Gather(bytes & (ends ^ (ends - 1)));
        length = (BitOperations.TrailingZeroCount(ends) + 1) >> 3;
        return ends != 0;
    }

    /// <summary>Moves the low 7 bits of each byte together: two bytes each, then two pairs, then the halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Gather(ulong bytes)
    {
        bytes = (bytes & 0x007F_007F_007F_007F) | ((bytes & 0x7F00_7F00_7F00_7F00) >> 1);
        bytes = (bytes & 0x0000_3FFF_0000_3FFF) | ((bytes & 0x3FFF_0000_3FFF_0000) >> 2);
        return (bytes & 0x0000_0000_0FFF_FFFF) | ((bytes & 0x0FFF_FFFF_0000_0000) >> 4);
    }
}
