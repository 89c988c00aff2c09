using System.Buffers.Binary;
using System.Numerics;

namespace Percpu.Pagemap;

/// <summary>A 64-bit checksum against torn and damaged blocks; not against an adversary.</summary>
internal static class LegacyChecksum
{
    /// <param name="bytes">A multiple of 8.</param>
    /// <param name="seed">What else must agree.</param>
    internal static ulong Of(ReadOnlySpan<byte> bytes, ulong seed = 0)
    {
        ulong sum = seed ^ 0x9E37_79B9_7F4A_7C15;
        for (; !bytes.IsEmpty; bytes = bytes[8..])
            sum = (BitOperations.RotateLeft(sum, 29) ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * 0xD6E8_FEB8_6659_FD93;
        return sum ^ (sum >> 32);
    }
}
