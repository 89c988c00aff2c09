using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A device is removed while somebody gives it something to release: it refuses, or it releases it.</summary>
internal sealed class DeviceRemoveAgainstAdd : Scenario
{
    public override string Name => "device-remove-add";

    public override string Description => "A resource is registered with a device that is being removed.";

    public override string Covers => "I44";

    public override void Arrange(Stage stage)
    {
        var machine = new Machine(stage);
        Ghost refused = stage.Ghost("refused"), released = stage.Ghost("released");
        stage.Thread("driver", () =>
        {
            try
            {
                machine.Device.AddResource("late", () => released.Write(released.Read() + 1));
            }
            catch (ObjectDisposedException)
            {
                refused.Write(1);
            }
        });
        stage.Thread("owner", machine.Device.Remove);
        stage.Finally(() => stage.Check(released.Final == 1 - refused.Final, $"Released {released.Final} times, refused {refused.Final} times."));
    }
}
