namespace Percpu.Pagemap;

/// <summary>Finds the copy of an arena's info block without the block itself: at the arena's end, which is where the medium or
/// the largest arena ends.</summary>
internal static class BttCopies
{
    // A label area behind the namespace, or none: the namespace's end is not always known.
    private static ReadOnlySpan<long> Tails => [0, 128 << 10];

    /// <summary>Finds a whole copy that says it belongs to a block.</summary>
    /// <param name="medium">The namespace.</param>
    /// <param name="start">Where the block stands, or stood.</param>
    /// <param name="info">What the copy says.</param>
    /// <returns>Where it is, or -1.</returns>
    internal static long Find(IByteMedium medium, long start, out BttInfo? info)
    {
        foreach (long end in Ends(medium.Length, start))
        {
            long at = end - BttInfo.BlockSize;
            if (at <= start)
                continue;
            info = ReadAt(medium, at);
            if (info is not null && info.Copy == at - start && info.FaultOf(medium.Length - start) is null)
                return at;
        }
        info = null;
        return -1;
    }

    /// <summary>A copy's contents; null where none is.</summary>
    internal static BttInfo? ReadAt(IByteMedium medium, long at)
    {
        Span<byte> block = stackalloc byte[BttInfo.BlockSize];
        medium.Read(at, block);
        return InfoSignature.Recognise(block, out bool isWhole) == NamespaceMode.Btt && isWhole ? BttInfo.Read(block) : null;
    }

    private static IEnumerable<long> Ends(long length, long start)
    {
        long largest = start + BttInfo.LargestArena;
        if (largest <= length)
            yield return largest;
        for (int i = 0; i < Tails.Length; i++)
            yield return (length - Tails[i]) & -BttInfo.BlockSize;
        foreach (long multiple in (long[])[PfnInfo.Granule, BttInfo.SmallestArena])
            yield return length / multiple * multiple;
    }
}
