namespace Percpu.Pagemap;

// Looking at a namespace without opening it, and putting blocks back.
public sealed partial class PmemNamespace
{
    /// <summary>Tells what the namespace is, or why it is refused. Writes nothing.</summary>
    /// <exception cref="RangeBusyException">A driver has claimed the range.</exception>
    /// <exception cref="EndOfStreamException">The file behind the range was cut since it was added.</exception>
    public NamespaceInfo Inspect() => Use(medium =>
    {
        try
        {
            return new NamespaceInfo(this, Find(medium), null);
        }
        catch (InfoBlockException problem)
        {
            return new NamespaceInfo(this, null, problem);
        }
    });

    /// <summary>Checks the structure of the whole namespace: info blocks and their copies, log and map of every arena. Writes
    /// nothing, and reports all it finds.</summary>
    /// <param name="progress">Told the share of the map that was looked at, 0 to 1, from this thread; null for nobody.</param>
    /// <exception cref="RangeBusyException">A driver has claimed the range.</exception>
    /// <exception cref="EndOfStreamException">The file behind the range was cut since it was added.</exception>
    /// <remarks>Data have no checksum on the medium, so a flipped byte of a sector is not found. Its time is that of a scan of the
    /// maps, its memory at most 4 MiB and a bit a block if blocks are shared. <c>ndctl check-namespace</c>.</remarks>
    public MediumReport Check(IProgress<double>? progress = null) => Use(medium =>
    {
        var report = new MediumReport();
        try
        {
            NamespaceContent content = Find(medium);
            BttAudit.Run(medium, content.Arenas, report, progress);
        }
        catch (InfoBlockException problem)
        {
            report.Add(MediumFaultKind.InfoBlock, 0, problem.Message);
            // What is left is looked at as well: from the copies, where a block is damaged.
            if (problem.Fault is InfoBlockFault.Corrupt or InfoBlockFault.OnlyCopy)
                BttAudit.Run(medium, BttAudit.Reconstruct(medium, BttStart(medium)), report, progress);
        }
        return report;
    });

    /// <summary>Puts damaged or missing info blocks of a btt back from their copies, and copies from their blocks.</summary>
    /// <returns>How many blocks were written; 0 if all were whole, or the namespace holds no btt.</returns>
    /// <exception cref="InfoBlockException">The block cannot be taken from anywhere, belongs to another namespace, or log and map do
    /// not fit it. Nothing was written.</exception>
    /// <exception cref="RangeBusyException">A driver has claimed the range.</exception>
    /// <exception cref="UnauthorizedAccessException">The medium is read-only.</exception>
    /// <exception cref="IOException">The medium failed or is full.</exception>
    /// <remarks>Log and map have no copy, so their faults stay. <c>ndctl check-namespace --repair</c>.</remarks>
    public int Repair() => Use(medium =>
    {
        medium.CheckWritable();
        try
        {
            if (Find(medium).Arenas.Count == 0)
                return 0;
        }
        catch (InfoBlockException problem) when (problem.Fault is InfoBlockFault.Corrupt or InfoBlockFault.OnlyCopy)
        {
            // This is what it is for.
        }
        return BttRepair.Run(medium, BttStart(medium), Parent(medium));
    });

    // Where the first block of a btt stands, or stood.
    private long BttStart(IByteMedium medium) =>
        PoolOf(medium) is not null ? PoolHeader.Size : Identity.LabelMinor == 2 ? 0 : BttInfo.BlockSize;

    private Guid Parent(IByteMedium medium) => PoolOf(medium)?.Set ?? Uuid;

    private static PoolHeader? PoolOf(IByteMedium medium)
    {
        Span<byte> head = stackalloc byte[(int)PoolHeader.Size];
        medium.Read(0, head);
        return PoolHeader.Read(head);
    }
}
