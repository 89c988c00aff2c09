using System.Buffers.Binary;
using System.Text;

namespace Percpu.Pagemap;

/// <summary>What a namespace was found to hold. Looking changes nothing; whatever has a known signature is opened as what it
/// is, or refused with the reason, and is never taken for plain data.</summary>
internal sealed record NamespaceContent
{
    private const int BlockSize = InfoSignature.BlockSize;

    // Where a btt, pfn or dax block may stand; a pool's behind its header.
    private static ReadOnlySpan<long> Places => [BlockSize, 0, PoolHeader.Size];

    internal NamespaceMode Mode { get; private init; }

    /// <summary>The arenas of a btt.</summary>
    internal IReadOnlyList<(long Start, BttInfo Info)> Arenas { get; private init; } = [];

    internal PfnInfo? Pfn { get; private init; }

    internal LegacyInfoBlock? Legacy { get; private init; }

    /// <summary>The pool file that the namespace is; without arenas, if it was never written.</summary>
    internal PoolHeader? Pool { get; private init; }

    /// <summary>Finds out what a namespace holds.</summary>
    /// <exception cref="InfoBlockException">It holds what cannot be opened.</exception>
    internal static NamespaceContent Find(IByteMedium medium, in NamespaceIdentity identity)
    {
        if (medium.Length < 2 * BlockSize)
            return new NamespaceContent();
        Span<byte> head = stackalloc byte[2 * BlockSize];
        medium.Read(0, head);
        NamespaceContent? found = OfPool(medium, head) ?? OfBtt(medium, head, identity) ?? OfLegacy(medium, head) ?? OfPfn(medium, head, identity);
        if (found is not null)
            return identity.Claim is null || identity.Claim == found.Mode ? found
                : throw new InfoBlockException($"The label says that the namespace holds {identity.Claim}, and it holds {found.Mode}.", InfoBlockFault.Unexpected);
        foreach (long place in Places)
        {
            if (BttCopies.Find(medium, place, out _) is not (>= 0 and var copy))
                continue;
            throw place == (identity.LabelMinor == 2 ? 0 : BlockSize) ? BttChain.Damaged(medium, place, "missing")
                : new InfoBlockException($"A copy of a btt info block that stood at {place} is at {copy}; it does not count there {Describe(identity)}.", InfoBlockFault.WrongPlace);
        }
        return identity.Claim is null
            ? new NamespaceContent()
            : throw new InfoBlockException($"The label says that the namespace holds {identity.Claim}, and there is no such info block.", InfoBlockFault.Missing);
    }

    /// <summary>Refuses a range that is not blank where info blocks go.</summary>
    internal static void CheckBlank(IByteMedium medium)
    {
        Span<byte> head = stackalloc byte[(int)Math.Min(medium.Length, 2 * BlockSize)];
        medium.Read(0, head);
        int at = head.IndexOfAnyExcept((byte)0);
        if (at >= 0)
            throw new InfoBlockException($"Foreign data where info blocks go, at {at}, beginning '{Encoding.Latin1.GetString(head.Slice(at, Math.Min(8, head.Length - at)))}'.", InfoBlockFault.Foreign);
    }

    private static string Describe(in NamespaceIdentity identity) =>
        $"in a namespace with {(identity.LabelMinor == 0 ? "no label" : $"a label 1.{identity.LabelMinor}")}";

    private static NamespaceContent? OfPool(IByteMedium medium, ReadOnlySpan<byte> head)
    {
        if (PoolHeader.Read(head) is not { } pool)
            return null;
        if (medium.Length < PoolHeader.Size + BttInfo.SmallestArena)
            throw new InfoBlockException($"The pool has {medium.Length} bytes, too few for an arena.", InfoBlockFault.Truncated);
        Span<byte> block = stackalloc byte[BlockSize];
        medium.Read(PoolHeader.Size, block);
        bool isBlank = block.IndexOfAnyExcept((byte)0) < 0;
        if (!isBlank || BttCopies.Find(medium, PoolHeader.Size, out _) >= 0)
            return new NamespaceContent { Mode = NamespaceMode.Btt, Pool = pool, Arenas = BttChain.Read(medium, PoolHeader.Size, pool.Set) };
        return BttInfo.Fits(medium.Length - PoolHeader.Size, pool.SectorSize, PoolHeader.Rounding)
            ? new NamespaceContent { Mode = NamespaceMode.Btt, Pool = pool }
            : throw new InfoBlockException($"The pool has sectors of {pool.SectorSize} bytes.", InfoBlockFault.Inconsistent);
    }

    private static NamespaceContent? OfLegacy(IByteMedium medium, ReadOnlySpan<byte> head) =>
        LegacyInfoBlock.Read(head[BlockSize..], medium.Length) is { } legacy ? new NamespaceContent { Mode = legacy.Mode, Legacy = legacy } : null;

    private static NamespaceContent? OfBtt(IByteMedium medium, ReadOnlySpan<byte> head, in NamespaceIdentity identity)
    {
        bool isAtZero = InfoSignature.Recognise(head[..BlockSize], out _) == NamespaceMode.Btt;
        if (!isAtZero && InfoSignature.Recognise(head[BlockSize..], out _) != NamespaceMode.Btt)
            return null;
        // Labels 1.2 have it in front, and nobody else does.
        if (isAtZero != (identity.LabelMinor == 2))
        {
            // A damaged one could be put back only where it counts.
            throw new InfoBlockException($"The btt info block stands at {(isAtZero ? 0 : BlockSize)}, where it does not count {Describe(identity)}.", InfoBlockFault.WrongPlace);
        }
        return new NamespaceContent { Mode = NamespaceMode.Btt, Arenas = BttChain.Read(medium, isAtZero ? 0 : BlockSize, identity.Uuid) };
    }

    private static NamespaceContent? OfPfn(IByteMedium medium, ReadOnlySpan<byte> head, in NamespaceIdentity identity)
    {
        if (InfoSignature.Recognise(head[..BlockSize], out _) is not NamespaceMode.Raw and var misplaced)
            throw new InfoBlockException($"The {InfoSignature.Describe(misplaced)} stands at 0, where it does not count.", InfoBlockFault.WrongPlace);
        ReadOnlySpan<byte> block = head[BlockSize..];
        NamespaceMode mode = InfoSignature.Recognise(block, out bool isWhole);
        if (mode == NamespaceMode.Raw)
            return null;
        if (!isWhole)
            throw new InfoBlockException(
                $"The {InfoSignature.Describe(mode)} at {BlockSize} is damaged: its signature or its checksum 0x{BinaryPrimitives.ReadUInt64LittleEndian(block[InfoSignature.ChecksumAt..]):x} is wrong.", InfoBlockFault.Corrupt);
        PfnInfo pfn = PfnInfo.Read(block, mode);
        if (pfn.Parent != identity.Uuid)
            throw new InfoBlockException($"The {InfoSignature.Describe(mode)} has the parent {pfn.Parent}, and the namespace is {identity.Uuid}.", InfoBlockFault.WrongParent);
        pfn.Check(identity.Start, medium.Length);
        return new NamespaceContent { Mode = mode, Pfn = pfn };
    }
}
