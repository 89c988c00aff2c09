using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A thread ends inside a read section: nobody waits for it for ever, and who adopts its area can read.</summary>
internal sealed class EpochThreadEnds : Scenario
{
    public override string Name => "epoch-thread-ends";

    public override string Description => "A thread ends inside a read section; a new one adopts its area and reads; another unlinks, synchronizes and frees.";

    public override string Covers => "I30 I34";

    public override void Arrange(Stage stage)
    {
        var node = new LinkedNode(stage, stage.Domain());
        EpochDomain other = stage.Domain();
        ModelThread leaver = stage.NewThread("leaver", () =>
        {
            _ = node.Domain.Enter();
            node.Follow();
        });
        stage.NewThread("newcomer", () =>
        {
            other.Enter().Dispose(); // With this it has the area, in which the leaver was inside the first one.
            node.Read();
            node.Domain.Synchronize(); // It is outside, and does not wait for itself.
        }, after: leaver);
        stage.Thread("writer", () =>
        {
            node.Unlink();
            node.Domain.Synchronize();
            node.Free();
        });
    }
}
