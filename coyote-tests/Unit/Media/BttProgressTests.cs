using Percpu.Pagemap;

namespace Percpu.Unit.Media;

/// <summary>What a check tells of its progress.</summary>
public sealed class BttProgressTests
{
    [Fact]
    public void A_check_tells_the_share_of_all_sectors_that_it_has_looked_at_part_by_part_over_all_arenas()
    {
        BttInfo first = SmallBtt.Info(5000, 512, 3), second = SmallBtt.Info(300, 512, 3);
        first = first with { Next = first.End };
        var medium = new SparseMedium(SmallBtt.Start + first.End + second.End);
        BttFormat.Write(medium, SmallBtt.Start, [first, second], asPool: false);
        var progress = new Told();
        var report = new MediumReport();
        BttAudit.Run(medium, [(SmallBtt.Start, first), (SmallBtt.Start + first.End, second)], report, progress);
        Assert.True(report.IsSound);
        Assert.Equal(5300, report.Sectors);
        Assert.Equal([4096 / 5300.0, 5000 / 5300.0, 1], progress.Shares); // 4,096 entries are looked at together.
    }

    private sealed class Told : IProgress<double>
    {
        internal List<double> Shares { get; } = [];

        public void Report(double value) => Shares.Add(value);
    }
}
