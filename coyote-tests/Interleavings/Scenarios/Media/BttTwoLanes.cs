using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Two threads write two sectors whose entries of the map stand in one word: each has what was written.</summary>
[Sizes(1, 2)]
internal sealed class BttTwoLanes(int lanes) : Scenario
{
    public override string Name => $"btt-two-lanes-{lanes}";

    public override string Description => $"Two threads write neighbouring sectors of a btt with {lanes} lane(s).";

    public override string Covers => "I73 I74";

    public override void Arrange(Stage stage)
    {
        var medium = new BttMedium(stage, sectors: 2, (uint)lanes);
        stage.Thread("writer 1", () => medium.Arena.Write(0, BttMedium.Sector(1)));
        stage.Thread("writer 2", () => medium.Arena.Write(1, BttMedium.Sector(2)));
        stage.Finally(() => stage.Check(medium.Read(0) == 1 && medium.Read(1) == 2 && medium.Fault() == "", "A write was lost, or a block is lost or shared."));
    }
}
