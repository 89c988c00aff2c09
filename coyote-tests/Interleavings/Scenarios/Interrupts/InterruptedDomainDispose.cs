using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Disposing a domain with a reader inside: what was retired is reclaimed, and not under the reader.</summary>
internal sealed class InterruptedDomainDispose() : InterruptedWait("domain-dispose", "disposes an epoch domain with a reader inside", mayEnd: false)
{
    public override void Arrange(Stage stage)
    {
        EpochDomain domain = stage.Domain();
        var node = new LinkedNode(stage, domain);
        int reclaimed = 0;
        stage.Thread("reader", () =>
        {
            try
            {
                node.Read();
            }
            catch (ObjectDisposedException)
            {
                // Came too late.
            }
        });
        node.Unlink();
        domain.Retire(() =>
        {
            node.Free();
            reclaimed++;
        });
        AddWaiter(stage, domain.Dispose);
        stage.Finally(() => stage.Check(reclaimed == 1, "What was retired has not been reclaimed."));
    }
}
