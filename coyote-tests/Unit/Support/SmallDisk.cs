using System.Runtime.InteropServices;

namespace Percpu.Unit.Support;

/// <summary>A disk of a few MiB in memory, mounted for a test and unmounted with it. Needs Linux and the right to mount.</summary>
internal sealed partial class SmallDisk : IDisposable
{
    private const int Detach = 2;

    private SmallDisk(string root) => Root = root;

    internal string Root { get; }

    /// <summary>Mounts a disk, or skips the test and says why.</summary>
    internal static SmallDisk Create(int mebibytes) => Create("tmpfs", $"size={mebibytes}m");

    /// <summary>One whose file system cannot be asked for room in advance.</summary>
    internal static SmallDisk CreateSimple() => Create("ramfs", "");

    private static SmallDisk Create(string type, string data)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), $"Needs a {type}.");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("percpu-disk-");
        if (Mount("none", folder.FullName, type, 0, data) == 0)
            return new SmallDisk(folder.FullName);
        int error = Marshal.GetLastPInvokeError();
        folder.Delete();
        Assert.Skip($"May not mount a small disk: {Marshal.GetPInvokeErrorMessage(error)}.");
        return null!;
    }

    internal string NewFile(string name, long length)
    {
        string path = Path.Combine(Root, name);
        using FileStream file = File.Create(path);
        file.SetLength(length);
        return path;
    }

    public void Dispose()
    {
        Assert.Equal(0, Unmount(Root, Detach));
        Directory.Delete(Root);
    }

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string type, nuint flags, string data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
