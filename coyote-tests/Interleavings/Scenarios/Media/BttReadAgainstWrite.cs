using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A sector is read while it is written twice: the second write fills the block that the first took away.</summary>
[Sizes(1, 2)]
internal sealed class BttReadAgainstWrite(int readers) : Scenario
{
    public override string Name => $"btt-read-write-{readers}";

    public override string Description => $"{readers} reader(s) read a sector of a btt that one thread writes twice, over the block that was freed.";

    public override string Covers => "I74";

    public override void Arrange(Stage stage)
    {
        var medium = new BttMedium(stage, sectors: 1, lanes: 1);
        medium.Arena.Write(0, BttMedium.Sector(1));
        for (int i = 1; i <= readers; i++)
            stage.Thread($"reader {i}", () => stage.Check(medium.Read(0) is 1 or 2 or 3, "A sector was read that is neither old nor new."));
        stage.Thread("writer", () =>
        {
            medium.Arena.Write(0, BttMedium.Sector(2));
            medium.Arena.Write(0, BttMedium.Sector(3));
        });
        stage.Finally(() => stage.Check(medium.Read(0) == 3 && medium.Fault() == "", $"Sector 0 is {medium.Read(0)} at the end, not 3. {medium.Fault()}"));
    }
}
