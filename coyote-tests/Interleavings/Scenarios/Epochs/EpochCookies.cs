using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A polled grace period: once it has elapsed, no reader is left, and it stays elapsed.</summary>
internal sealed class EpochCookies : Scenario
{
    public override string Name => "epoch-cookie";

    public override string Description => "A reader follows a link, while another thread unlinks, starts a grace period, polls it three times, and frees once it elapsed.";

    public override string Covers => "I30 I31";

    public override void Arrange(Stage stage)
    {
        var node = new LinkedNode(stage, stage.Domain());
        stage.Thread("reader", () =>
        {
            node.Read();
            node.Read();
        });
        stage.Thread("writer", () =>
        {
            node.Unlink();
            EpochCookie cookie = node.Domain.StartGracePeriod();
            bool elapsed = node.Domain.HasElapsed(cookie);
            if (elapsed)
                node.Free();
            for (int poll = 0; poll < 2; poll++)
            {
                bool now = node.Domain.HasElapsed(cookie);
                stage.Check(now || !elapsed, "A grace period that had elapsed has not elapsed any more.");
                elapsed = now;
            }
        });
    }
}
