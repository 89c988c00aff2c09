namespace Percpu.Pagemap;

/// <summary>The signatures by which the blocks of namespaces are known, and their common shape: 4,096 bytes whose last 8 are
/// the checksum.</summary>
internal static class InfoSignature
{
    internal const int BlockSize = 4096, Length = 16, ChecksumAt = BlockSize - sizeof(ulong);

    // As many bytes of a signature are there by chance nowhere.
    private const int Enough = 12;

    internal static ReadOnlySpan<byte> Btt => "BTT_ARENA_INFO\0\0"u8;

    internal static ReadOnlySpan<byte> Pfn => "NVDIMM_PFN_INFO\0"u8;

    internal static ReadOnlySpan<byte> Dax => "NVDIMM_DAX_INFO\0"u8;

    internal static ReadOnlySpan<byte> Of(NamespaceMode mode) => mode switch
    {
        NamespaceMode.Btt => Btt,
        NamespaceMode.Pfn => Pfn,
        _ => Dax,
    };

    /// <summary>What kind a block is of, also where its signature is damaged; <see cref="NamespaceMode.Raw"/> where it is none.</summary>
    /// <param name="block">4,096 bytes.</param>
    /// <param name="isWhole">Whether signature and checksum are right.</param>
    internal static NamespaceMode Recognise(ReadOnlySpan<byte> block, out bool isWhole)
    {
        isWhole = false;
        foreach (NamespaceMode mode in (ReadOnlySpan<NamespaceMode>)[NamespaceMode.Btt, NamespaceMode.Pfn, NamespaceMode.Dax])
        {
            ReadOnlySpan<byte> signature = Of(mode);
            if (block.StartsWith(signature))
            {
                isWhole = Fletcher64.Holds(block, ChecksumAt);
                return mode;
            }
        }
        foreach (NamespaceMode mode in (ReadOnlySpan<NamespaceMode>)[NamespaceMode.Btt, NamespaceMode.Pfn, NamespaceMode.Dax])
        {
            if (Resembles(block, Of(mode)) || HoldsWith(block, Of(mode)))
                return mode;
        }
        return NamespaceMode.Raw;
    }

    internal static string Describe(NamespaceMode mode) => mode switch
    {
        NamespaceMode.Btt => "btt info block",
        NamespaceMode.Pfn => "pfn info block",
        NamespaceMode.Dax => "dax info block",
        _ => "data",
    };

    private static bool Resembles(ReadOnlySpan<byte> block, ReadOnlySpan<byte> signature)
    {
        int same = 0;
        for (int i = 0; i < Length; i++)
            same += block[i] == signature[i] ? 1 : 0;
        return same >= Enough;
    }

    // All but the signature is whole: the checksum covers the signature too.
    private static bool HoldsWith(ReadOnlySpan<byte> block, ReadOnlySpan<byte> signature)
    {
        Span<byte> repaired = stackalloc byte[BlockSize];
        block.CopyTo(repaired);
        signature.CopyTo(repaired);
        return Fletcher64.Holds(repaired, ChecksumAt);
    }
}
