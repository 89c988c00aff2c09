using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Percpu.Pagemap;

namespace Percpu.Unit.Devices;

/// <summary>Page frames in a file that has no room for them, and may not grow.</summary>
public sealed partial class NoRoomForFramesTests
{
    private const uint AllowSealing = 2;
    private const int AddSeals = 1033, SealGrow = 4;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I53_a_pin_whose_frame_cannot_be_made_is_an_error_and_holds_nothing(bool fast)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a file in memory that can be sealed.");
        using var file = new SafeFileHandle(CreateMemoryFile("percpu-test", AllowSealing), ownsHandle: true);
        Assert.SkipWhen(file.IsInvalid, "Needs a file in memory that can be sealed.");
        RandomAccess.SetLength(file, (long)TestMachine.Pmem.Length << Pfn.PageShift);
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.Space.AddDevice(TestMachine.Pmem, "file", $"/proc/self/fd/{file.DangerousGetHandle()}"));
        names.Format(NamespaceMode.Pfn);
        PmemDevice pmem = PmemDriver.Bind(machine.Device, names);
        var disk = (PmemDisk)pmem.Disk;
        using var memory = new AddressSpace(machine.Table);
        Area area = memory.MapDax(disk, 0, 1 << 21);
        memory.GetUserPages(area.Start, new Page[1], GupFlags.None); // Present, and no frame was asked for.
        RandomAccess.SetLength(file, 8192); // Frames stand behind that.
        Assert.Equal(0, Control(file, AddSeals, SealGrow));
        unsafe
        {
            Assert.True(machine.Space.Frames.TryFind(pmem.Mapping.Pagemap!.FirstPfn.Value) == null);
        }
        for (int i = 0; i < 2; i++)
        {
            Assert.ThrowsAny<IOException>(() => _ = fast ? memory.GetUserPagesFast(area.Start, new Page[4]) : memory.GetUserPages(area.Start, new Page[4]));
            Assert.ThrowsAny<IOException>(() => memory.PinUserPages(area.Start, new Page[4]).Dispose());
        }
        disk.Queue.MarkDying();
        Assert.True(disk.Queue.Usage.WaitForRelease(TimeSpan.FromSeconds(60)), "A pin was lost.");
        machine.Device.Unbind();
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateMemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command, int argument);
}
