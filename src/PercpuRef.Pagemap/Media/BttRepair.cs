namespace Percpu.Pagemap;

/// <summary>Puts damaged info blocks of a btt back from their copies, and copies from their blocks. Nothing else is touched.</summary>
/// <remarks><c>ndctl check-namespace --repair</c>.</remarks>
internal static class BttRepair
{
    /// <summary>Repairs the chain that begins at a place.</summary>
    /// <returns>How many blocks were written.</returns>
    /// <exception cref="InfoBlockException">A block can be taken from nowhere, or what it leads to is damaged as well. Nothing was
    /// written.</exception>
    internal static int Run(IByteMedium medium, long start, Guid parent)
    {
        var writes = new List<(long At, BttInfo Info)>();
        Span<byte> block = stackalloc byte[BttInfo.BlockSize];
        for (long at = start; ; )
        {
            BttInfo info;
            medium.Read(at, block);
            if (InfoSignature.Recognise(block, out bool isWhole) == NamespaceMode.Btt && isWhole)
            {
                info = BttInfo.Read(block);
                if (info.FaultOf(medium.Length - at) is { } fault)
                    throw new InfoBlockException($"The btt info block at {at} has {fault}.", InfoBlockFault.Inconsistent);
                if (BttCopies.ReadAt(medium, at + info.Copy) != info)
                    writes.Add((at + info.Copy, info));
            }
            else
            {
                if (BttCopies.Find(medium, at, out BttInfo? copy) < 0)
                    throw BttChain.Damaged(medium, at, "damaged");
                info = copy!;
                writes.Add((at, info));
            }
            Check(medium, at, info, parent);
            if (info.Next == 0)
                break;
            at += info.Next;
        }
        foreach ((long at, BttInfo info) in writes)
        {
            info.Write(block);
            BttFormat.Put(medium, at, block);
        }
        return writes.Count;
    }

    // Somebody else's data may have come since: then map and log are none, and nothing may be made of them.
    private static void Check(IByteMedium medium, long at, BttInfo info, Guid parent)
    {
        if (info.Parent != parent && info.Parent != Guid.Empty)
            throw new InfoBlockException($"The btt info block at {at} has the parent {info.Parent}, and the namespace is {parent}.", InfoBlockFault.WrongParent);
        var report = new MediumReport();
        new BttCheck(medium, at, info, report).Run(null);
        if (report.FirstStructural is { } fault)
            throw new InfoBlockException($"The arena at {at} has {report.FaultCount} fault(s), which cannot be repaired; the first: {fault.Message}", InfoBlockFault.DamagedMap);
    }
}
