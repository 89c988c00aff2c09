using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Two threads write the same sector: one of both is there, and no block is lost or shared.</summary>
[Sizes(1, 2)]
internal sealed class BttTwoWriters(int lanes) : Scenario
{
    public override string Name => $"btt-two-writers-{lanes}";

    public override string Description => $"Two threads write one sector of a btt with {lanes} lane(s).";

    public override string Covers => "I73 I74";

    public override void Arrange(Stage stage)
    {
        var medium = new BttMedium(stage, sectors: 1, (uint)lanes);
        stage.Thread("writer 1", () => medium.Arena.Write(0, BttMedium.Sector(1)));
        stage.Thread("writer 2", () => medium.Arena.Write(0, BttMedium.Sector(2)));
        stage.Finally(() => stage.Check(medium.Read(0) is 1 or 2 && medium.Fault() == "", "A write was torn, or a block is lost or shared."));
    }
}
