using Percpu.Pagemap;
using Percpu.Unit.Media;

namespace Percpu.Unit.Devices;

/// <summary>What a disk refuses it refuses before anybody enters its queue, who would never leave it.</summary>
public sealed class RefusedDeviceCallsTests
{
    [Theory]
    [InlineData("raw")]
    [InlineData("btt")]
    [InlineData("legacy")]
    public void A_call_that_is_refused_leaves_nobody_in_the_queue(string what)
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        if (what == "btt")
            names.Format(NamespaceMode.Btt);
        if (what == "legacy")
        {
            names.Use(medium =>
            {
                LegacyMedium.Write(medium, new LegacyInfoBlock(NamespaceMode.Btt, 8 << 20, medium.Length, 512));
                return true;
            });
        }
        BlockDisk disk = PmemDriver.Bind(machine.Device, names).Disk;
        byte[] sector = new byte[disk.SectorSize], odd = new byte[1];
        List<Action> refused =
        [
            () => disk.Read(1, sector), () => disk.Read(0, odd), () => disk.Read(disk.Length, sector), () => disk.Read(-disk.SectorSize, sector),
            () => disk.TryRead(1, sector), () => disk.TryRead(0, odd), () => disk.TryRead(disk.Length, sector), () => disk.TryRead(-disk.SectorSize, sector),
            () => disk.Write(1, sector), () => disk.Write(0, odd), () => disk.Write(disk.Length, sector), () => disk.Write(-disk.SectorSize, sector),
        ];
        List<Action> done = [() => disk.Read(0, sector), () => disk.TryRead(0, sector), () => disk.Write(0, sector), disk.Flush, () => disk.Read(disk.Length, [])];
        if (disk is BttDisk btt)
        {
            refused.AddRange([() => btt.Trim(1, sector.Length), () => btt.Trim(0, 1), () => btt.Trim(disk.Length, sector.Length), () => btt.Trim(-sector.Length, sector.Length)]);
            done.Add(() => btt.Trim(0, sector.Length));
        }
        if (disk is PmemDisk pmem)
        {
            refused.AddRange([() => pmem.DirectAccess(1), () => pmem.DirectAccess(-4096), () => pmem.DirectAccess(disk.Length), () => pmem.Prepare(-1, 1), () => pmem.Prepare(0, -1), () => pmem.Prepare(1, disk.Length)]);
            done.AddRange([() => pmem.DirectAccess(4096).Dispose(), () => pmem.Prepare(0, disk.Length)]);
        }
        long before = disk.Queue.Usage.ApproximateCount;
        for (int i = 0; i < refused.Count + done.Count; i++)
        {
            if (i < refused.Count)
                Assert.ThrowsAny<ArgumentException>(refused[i]);
            else
                done[i - refused.Count]();
            Assert.True(before == disk.Queue.Usage.ApproximateCount, $"After call {i} somebody is still inside.");
        }
        machine.Device.Unbind();
    }
}
