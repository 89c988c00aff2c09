namespace Percpu.Pagemap;

/// <summary>Checks all arenas of a btt.</summary>
internal static class BttAudit
{
    /// <param name="medium">The namespace.</param>
    /// <param name="arenas">Info blocks whose numbers were checked.</param>
    /// <param name="report">Takes what is found.</param>
    /// <param name="progress">Told the share of the maps that was looked at.</param>
    internal static void Run(IByteMedium medium, IReadOnlyList<(long Start, BttInfo Info)> arenas, MediumReport report, IProgress<double>? progress)
    {
        long total = arenas.Sum(each => (long)each.Info.Sectors), done = 0;
        foreach ((long start, BttInfo info) in arenas)
        {
            report.Sectors += info.Sectors;
            long before = done;
            new BttCheck(medium, start, info, report).Run(progress is null ? null : count =>
            {
                done += count;
                progress.Report(Math.Min(1, (double)Math.Min(done, before + info.Sectors) / total));
            });
            done = before + info.Sectors;
        }
    }

    /// <summary>The arenas of a btt some of whose info blocks are damaged, as their copies have them; as far as they lead.</summary>
    internal static List<(long Start, BttInfo Info)> Reconstruct(IByteMedium medium, long start)
    {
        var arenas = new List<(long, BttInfo)>();
        for (long at = start; ; )
        {
            BttInfo? info = BttCopies.ReadAt(medium, at);
            if (info is null && BttCopies.Find(medium, at, out info) < 0)
                return arenas;
            if (info!.FaultOf(medium.Length - at) is not null)
                return arenas;
            arenas.Add((at, info));
            if (info.Next == 0)
                return arenas;
            at += info.Next;
        }
    }
}
