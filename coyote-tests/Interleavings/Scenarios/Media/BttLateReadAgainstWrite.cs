using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A sector is read by a reader that waits for no value, while it is written twice: the read is over before the block that the
/// first write took away is filled by the second.</summary>
internal sealed class BttLateReadAgainstWrite : Scenario
{
    public override string Name => "btt-late-read-write";

    public override string Description => "A reader reads a sector of a btt, each word when the machine likes, that one thread writes twice.";

    public override string Covers => "I74";

    public override void Arrange(Stage stage)
    {
        var medium = new BttMedium(stage, sectors: 1, lanes: 1);
        medium.Arena.Write(0, BttMedium.Sector(1));
        stage.Thread("reader", () => medium.ReadLate(0));
        stage.Thread("writer", () =>
        {
            medium.Arena.Write(0, BttMedium.Sector(2));
            medium.Arena.Write(0, BttMedium.Sector(3));
        });
        stage.Finally(() => stage.Check(medium.Read(0) == 3 && medium.Fault() == "", $"Sector 0 is {medium.Read(0)} at the end, not 3. {medium.Fault()}"));
    }
}
