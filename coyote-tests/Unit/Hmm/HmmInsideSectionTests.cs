using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Hmm;

/// <summary>Every call that waits for readers, inside a read section: it would wait for itself, says so by its name, and has changed nothing.</summary>
public sealed class HmmInsideSectionTests
{
    private const ulong PageSize = 4096;

    [Fact]
    public void I37_a_call_that_would_wait_for_its_own_section_is_refused_and_changes_nothing() => Worker.RunWaiting("calls that wait for readers, in their own read section", () =>
    {
        using var machine = new TestMachine();
        AddressSpace space = new(machine.Table);
        Area area = space.MapAnonymous(2 * PageSize);
        space.Write(area.Start, [5]);
        HmmDevice hmm = HmmDevice.Add(machine.Device, 512);
        var ops = new Filler(static (_, _) => Assert.Fail("It has begun."));
        (string Name, Action Call)[] calls =
        [
            ("Unmap", () => space.Unmap(area)),
            ("Discard", () => space.Discard(area.Start, PageSize)),
            ("Dispose", space.Dispose),
            ("Migrate", () => HmmMigration.Migrate(space, area.Start, 1, MigrateSelect.System, ops)),
            ("Migrate", () => HmmMigration.Migrate(area, area.Start, 1, MigrateSelect.System | MigrateSelect.DevicePrivate, ops)),
            ("Migrate", () => hmm.MigrateToDevice(space, area.Start, 1)),
            ("Add", () => HmmDevice.Add(machine.Device, 512)),
            ("Remove", () => hmm.Memory.Remove()),
        ];
        using (machine.Table.Epoch.Enter())
        {
            foreach ((string name, Action call) in calls)
            {
                var refused = Assert.Throws<InvalidOperationException>(call);
                Assert.StartsWith($"{name} inside a read section", refused.Message, StringComparison.Ordinal);
            }
            Assert.Equal(0, HmmMigration.Migrate(space, area.Start, 1, MigrateSelect.DevicePrivate, ops)); // Waits for nobody.
        }
        Assert.False(hmm.Memory.Reference.IsDying);
        byte[] found = new byte[1];
        space.Read(area.Start, found);
        Assert.Equal((5, area), (found[0], space.FindArea(area.Start)));
        Assert.Equal(1, hmm.MigrateToDevice(space, area.Start, 1));
        Assert.Equal(1, hmm.MigrateToHost(space, area.Start, 1));
        space.Discard(area.Start, PageSize);
        space.Unmap(area);
        space.Dispose();
        Assert.True(hmm.Memory.Remove());
    });
}
