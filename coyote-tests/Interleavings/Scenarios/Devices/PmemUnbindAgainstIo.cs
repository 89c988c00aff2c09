using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A disk is unbound while requests are in flight: they finish on mapped memory, later ones are refused.</summary>
[Sizes(1, 2)]
internal sealed class PmemUnbindAgainstIo(int readers) : Scenario
{
    public override string Name => $"pmem-unbind-io-{readers}";

    public override string Description => $"{readers} reader(s) read a sector of a pmem disk, while its driver is unbound.";

    public override string Covers => "I51 I52";

    public override void Arrange(Stage stage)
    {
        var machine = new Machine(stage);
        PmemDevice pmem = machine.BindPmem(mapPages: false);
        for (int i = 1; i <= readers; i++)
        {
            stage.Thread($"reader {i}", () =>
            {
                try
                {
                    pmem.Disk.Read(0, new byte[512]);
                }
                catch (ObjectDisposedException)
                {
                    // Too late.
                }
            });
        }
        stage.Thread("owner", () =>
        {
            machine.Device.Unbind();
            stage.Throws<ObjectDisposedException>(() => pmem.Disk.Read(0, new byte[512]), "A read after the unbind was not refused.");
        });
        stage.Finally(() => stage.Check(machine.Device.Driver is null, "Still bound at the end."));
    }
}
