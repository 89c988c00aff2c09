using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A reader that gives its thread, or the default value, which tells nothing, is waited for like any other.</summary>
internal sealed class EpochThreadToken : Scenario
{
    public override string Name => "epoch-token";

    public override string Description => "A reader follows a link in a section that it entered through an explicit thread, while another thread unlinks, synchronizes and frees.";

    public override string Covers => "I30 I31 I78";

    /// <summary>0: the thread; 1: the default value.</summary>
    public override int Variants => 2;

    public override void Arrange(Stage stage)
    {
        var node = new LinkedNode(stage, stage.Domain());
        stage.Thread("reader", () =>
        {
            PercpuThread thread = stage.Variant == 0 ? PercpuThread.Current : default;
            using EpochReader reader = node.Domain.Enter(thread);
            node.Follow();
        });
        stage.Thread("writer", () =>
        {
            node.Unlink();
            node.Domain.Synchronize();
            node.Free();
        });
    }
}
