using System.Globalization;
using Percpu.Buffers;

namespace Percpu.Unit.Buffers;

/// <summary>Which file a file is, as the operating system says it elsewhere too.</summary>
public sealed class FileStatusTests
{
    private const string Blocks = "/sys/block";

    // Elsewhere a file has a device of its own (btrfs, overlays).
    private static readonly string[] OneDevice = ["ext4", "xfs", "vfat", "tmpfs", "proc", "sysfs", "devtmpfs"];

    [Fact]
    public void A_file_has_the_device_of_its_mount_both_numbers_of_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells of its mounts.");
        int seen = 0;
        foreach ((string folder, string device) in Mounts())
        {
            if (!FileStatus.TryRead(folder, out FileStatus status))
                continue;
            string[] numbers = device.Split(':');
            Assert.Equal((ulong.Parse(numbers[0], CultureInfo.InvariantCulture) << 32) | ulong.Parse(numbers[1], CultureInfo.InvariantCulture), status.Device);
            seen++;
        }
        Assert.True(seen > 0, "There is no mount to look at.");
    }

    [Fact]
    public void An_open_file_is_the_one_at_its_path_with_its_length_and_no_other()
    {
        using ScratchFile one = new(1000), other = new(1001);
        using var file = File.OpenHandle(one.Location);
        FileStatus open = FileStatus.Of(file);
        Assert.Equal((FileKind.Regular, 1000), (open.Kind, open.Length));
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows tells nothing at a path.");
        Assert.True(FileStatus.TryRead(one.Location, out FileStatus there));
        Assert.Equal(there, open);
        Assert.True(FileStatus.TryRead(other.Location, out FileStatus elsewhere));
        Assert.Equal((FileKind.Regular, 1001), (elsewhere.Kind, elsewhere.Length));
        Assert.True(open.IsSameAs(there));
        Assert.False(open.IsSameAs(elsewhere));
        Assert.False(open.IsSameAs(there with { Device = there.Device + 1 }));
        Assert.True(FileStatus.TryRead(Path.GetTempPath(), out FileStatus folder));
        Assert.Equal(FileKind.Folder, folder.Kind);
        Assert.False(FileStatus.TryRead(one.Location + ".none", out _));
    }

    [Fact]
    public void An_open_block_device_has_the_length_that_the_system_tells_of_it_and_at_its_path_it_has_none()
    {
        Assert.SkipUnless(Directory.Exists(Blocks), $"No {Blocks} here.");
        int seen = 0;
        foreach (string name in Directory.EnumerateDirectories(Blocks).Select(folder => Path.GetFileName(folder)).Where(IsQuiet))
        {
            long sectors = long.Parse(File.ReadAllText($"{Blocks}/{name}/size"), CultureInfo.InvariantCulture);
            try
            {
                using var file = File.OpenHandle($"/dev/{name}", share: FileShare.ReadWrite);
                Assert.Equal((FileKind.BlockDevice, 512 * sectors), (FileStatus.Of(file).Kind, FileStatus.Of(file).Length));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                continue; // Not for us.
            }
            Assert.True(FileStatus.TryRead($"/dev/{name}", out FileStatus there));
            Assert.Equal((FileKind.BlockDevice, 0), (there.Kind, there.Length));
            seen++;
        }
        Assert.SkipWhen(seen == 0, "No block device can be opened here.");
    }

    // Opening others may move something, and what is removable may change between our two looks.
    private static bool IsQuiet(string name) => new[] { "loop", "vd", "sd", "nvme", "zram", "xvd" }.Any(start => name.StartsWith(start, StringComparison.Ordinal));

    // The last one at a folder is what is seen there.
    private static Dictionary<string, string> Mounts()
    {
        Dictionary<string, string> mounts = [];
        foreach (string line in File.ReadLines("/proc/self/mountinfo"))
        {
            string[] parts = line.Split(' ');
            if (OneDevice.Contains(parts[Array.IndexOf(parts, "-") + 1]))
                mounts[parts[4]] = parts[2];
            else
                mounts.Remove(parts[4]);
        }
        return mounts;
    }
}
