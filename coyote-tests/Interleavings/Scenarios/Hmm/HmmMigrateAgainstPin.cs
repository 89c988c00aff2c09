using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A page is moved to a device while somebody pins it and writes through the pin: the write is never lost.</summary>
internal abstract class HmmMigrateAgainstPin : Scenario
{
    public override string Covers => "I50 I53 I54";

    public override long DefaultExecutions => 20_000;

    public override void Arrange(Stage stage)
    {
        var machine = new HmmMachine(stage);
        bool written = false;
        stage.Thread("pinner", () =>
        {
            Span<Page> pages = stackalloc Page[1];
            if (Pin(machine.Space, machine.Address, pages) == 0)
                return;
            stage.Check((pages[0].Flags & PageFlags.Unaddressable) == 0, "A page in the device was pinned.");
            machine.Machine.Space.Memory(pages[0])[1] = HmmMachine.Mine;
            written = true;
            AddressSpace.PutPages(pages);
        });
        stage.Thread("driver", () => machine.Hmm.MigrateToDevice(machine.Space, machine.Address, 1));
        stage.Finally(() =>
        {
            Span<byte> bytes = stackalloc byte[2];
            machine.Space.Read(machine.Address, bytes);
            stage.Check(bytes[0] == HmmMachine.Mine && (!written || bytes[1] == HmmMachine.Mine), "What was written through the pin got lost.");
            stage.Check(machine.Hmm.AllocatedPages == 0 && machine.Machine.Space.AllocatedPages == 1, "A page leaked, or was freed twice.");
        });
    }

    private protected abstract int Pin(AddressSpace space, ulong address, Span<Page> pages);
}
