using System.Buffers.Binary;
using Percpu.Pagemap;

namespace Percpu.Unit.Media;

/// <summary>Writes the info block of the library's first version, which the library itself does not any more.</summary>
internal static class LegacyMedium
{
    internal static void Write(IByteMedium medium, LegacyInfoBlock info)
    {
        byte[] block = new byte[4096];
        (info.Mode == NamespaceMode.Pfn ? "PERCPUREF_PFN"u8 : "PERCPUREF_BTT"u8).CopyTo(block);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(24), 1);
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(28), info.SectorSize);
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(32), info.DataOffset);
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(40), info.TotalLength);
        BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(16), LegacyChecksum.Of(block));
        medium.Write(4096, block);
    }
}
