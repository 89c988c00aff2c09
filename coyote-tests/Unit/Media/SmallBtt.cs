using Percpu.Pagemap;

namespace Percpu.Unit.Media;

/// <summary>An arena far smaller than any that a namespace may have, so that a test can look at all of it after every store.</summary>
internal static class SmallBtt
{
    internal const long Start = 4096;

    internal static BttInfo Info(uint sectors, uint sectorSize, uint lanes)
    {
        uint block = (sectorSize + 63) / 64 * 64;
        long map = 4096 + Up((sectors + lanes) * block), log = map + Up(sectors * 4), copy = log + Up(lanes * 64);
        return new BttInfo
        {
            Uuid = Guid.NewGuid(), Parent = Guid.Empty, SectorSize = sectorSize, Sectors = sectors, InternalSize = block,
            Blocks = sectors + lanes, Free = lanes, Map = map, Log = log, Copy = copy,
        };
    }

    internal static long LengthFor(BttInfo info) => Start + info.End;

    internal static void Format(IByteMedium medium, BttInfo info, bool asPool = false) => BttFormat.Write(medium, Start, [info], asPool);

    /// <summary>Opens it as a namespace does: checked as a whole, interrupted writes finished.</summary>
    internal static BttArena Open(IByteMedium medium, BttInfo info, bool isPool = false)
    {
        var report = new MediumReport();
        var check = new BttCheck(medium, Start, info, report);
        check.Run(null);
        Assert.True(report.IsSound, report.IsSound ? "" : report.Faults[0].Message);
        return new BttArena(medium, Start, info, check, isPool, medium.IsWritable ? null : "Read-only.");
    }

    private static long Up(long bytes) => (bytes + 4095) / 4096 * 4096;
}
