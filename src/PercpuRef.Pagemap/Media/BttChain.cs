namespace Percpu.Pagemap;

/// <summary>The info blocks of a btt's arenas, one behind the other.</summary>
internal static class BttChain
{
    /// <summary>Reads all blocks, and believes them only when all numbers are right.</summary>
    /// <param name="medium">The namespace.</param>
    /// <param name="start">Where the first block stands.</param>
    /// <param name="parent">Whose parent the blocks must have; zeros are taken as well.</param>
    /// <exception cref="InfoBlockException">A block is damaged, or of another parent or version, or contradicts itself or another.</exception>
    internal static List<(long Start, BttInfo Info)> Read(IByteMedium medium, long start, Guid parent)
    {
        var arenas = new List<(long, BttInfo)>();
        BttInfo? first = null;
        for (long at = start; ; )
        {
            BttInfo info = ReadBlock(medium, at, parent, start == 0);
            if (first is not null && (info.Uuid != first.Uuid || info.SectorSize != first.SectorSize))
                throw new InfoBlockException($"The arena at {at} belongs to another btt, {info.Uuid} with sectors of {info.SectorSize} bytes.", InfoBlockFault.Inconsistent);
            first ??= info;
            arenas.Add((at, info));
            if (info.Next == 0)
                return arenas;
            at += info.Next; // Forward, and inside: the walk ends.
        }
    }

    private static BttInfo ReadBlock(IByteMedium medium, long at, Guid parent, bool isSecondVersion)
    {
        Span<byte> block = stackalloc byte[BttInfo.BlockSize];
        medium.Read(at, block);
        if (InfoSignature.Recognise(block, out bool isWhole) != NamespaceMode.Btt || !isWhole)
            throw Damaged(medium, at, block.IndexOfAnyExcept((byte)0) < 0 ? "missing" : "damaged");
        BttInfo info = BttInfo.Read(block);
        if (info.Parent != parent && info.Parent != Guid.Empty)
            throw new InfoBlockException($"The btt info block at {at} has the parent {info.Parent}, and the namespace is {parent}.", InfoBlockFault.WrongParent);
        if ((info.Major, info.Minor) is not ((1, 1) or (2, 0)))
            throw new InfoBlockException($"The btt info block at {at} has version {info.Major}.{info.Minor}; 1.1 and 2.0 are known.", InfoBlockFault.UnknownVersion);
        if (info.Major == 2 != isSecondVersion)
            throw new InfoBlockException($"The btt info block of version {info.Major}.{info.Minor} stands at {at}, where one of that version does not count.", InfoBlockFault.WrongPlace);
        if (info.FaultOf(medium.Length - at) is not { } fault)
            return info;
        bool cut = (ulong)info.Copy > (ulong)(medium.Length - at - BttInfo.BlockSize) || info.Next > medium.Length - at - BttInfo.SmallestArena;
        throw new InfoBlockException($"The btt info block at {at} has {fault}.", cut ? InfoBlockFault.Truncated : InfoBlockFault.Inconsistent);
    }

    internal static InfoBlockException Damaged(IByteMedium medium, long at, string how)
    {
        string copy = BttCopies.Find(medium, at, out _) is >= 0 and var found
            ? $"a whole copy of it is at {found}: PmemNamespace.Repair puts it back"
            : "no copy of it was found";
        return new InfoBlockException($"The btt info block at {at} is {how}; {copy}.", how == "missing" ? InfoBlockFault.OnlyCopy : InfoBlockFault.Corrupt);
    }
}
