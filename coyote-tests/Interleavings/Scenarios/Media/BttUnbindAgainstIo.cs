using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A btt's disk goes away under a reader: the read ends on memory that is there, or is refused.</summary>
internal sealed class BttUnbindAgainstIo : Scenario
{
    public override string Name => "btt-unbind-io";

    public override string Description => "A reader reads a sector of a btt's disk, while its queue is ended and its memory freed.";

    public override string Covers => "I51";

    public override void Arrange(Stage stage)
    {
        var medium = new BttMedium(stage, sectors: 1, lanes: 1);
        medium.Arena.Write(0, BttMedium.Sector(1));
        RequestQueue queue = stage.Named(new RequestQueue(), "queue");
        stage.Named(queue.Usage, "usage");
        var disk = new BttDisk("btt", queue, BttStore.Of(medium, medium.Arena, BttMedium.SectorSize));
        stage.Thread("reader", () =>
        {
            byte[] sector = new byte[BttMedium.SectorSize];
            try
            {
                disk.Read(0, sector);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            stage.Check(BttMedium.ValueOf(sector) == 1, "Another sector was read.");
        });
        stage.Thread("owner", () =>
        {
            queue.MarkDying();
            queue.Usage.WaitForRelease(Timeout.InfiniteTimeSpan);
            medium.Free();
        });
    }
}
