using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Percpu.Pagemap;

// The operating system's calls.
internal sealed unsafe partial class RegionMemory
{
    private const int ProtNone = 0, ProtRead = 1, ProtWrite = 2;
    private const int MapShared = 1, MapPrivate = 2, MapSharedValidate = 3, MapFixed = 16, MapSync = 0x80000;
    private const int SeekData = 3, SeekHole = 4;
    private const int KeepSize = 1, Interrupted = 4, NoData = 6, NoSpace = 28, NotSupported = 95, OverQuota = 122;

    private bool TryMap(nint address, long length, int flags, long offset) =>
        MapMemory(address, (nuint)length, _isWritable ? ProtRead | ProtWrite : ProtRead, flags, _file!, (nint)offset) != -1;

    /// <summary>Whether the file can be mapped in a way, tried with a page of it at an address of nobody's.</summary>
    /// <remarks>A file system that refuses a mapping at a fixed address does so when what was there is gone: the reserved addresses would
    /// be free, and whoever maps next, on any thread, might be given them, and lose them to our next mapping.</remarks>
    private bool CanMap(int flags)
    {
        nint page = MapMemory(0, (nuint)Environment.SystemPageSize, _isWritable ? ProtRead | ProtWrite : ProtRead, flags, _file!, 0);
        if (page == -1)
            return false;
        _ = UnmapMemory(page, (nuint)Environment.SystemPageSize); // No reservation of NativeBlocks. As a whole: nothing has to be split, so nothing is refused.
        return true;
    }

    /// <remarks>Not for writing: that takes memory, of which a system that counts it strictly may have none, and older kernels find that out
    /// when what was there is gone.</remarks>
    private static bool TryMapFixedAnonymous(nint address, long length, int protection)
    {
        int flags = MapPrivate | MapFixed | (OperatingSystem.IsLinux() ? 0x20 | 0x4000 : 0x1000);
        return MapMemory(address, (nuint)length, protection, flags, -1, 0) != -1;
    }

    /// <summary>A file without a name: gone with its handle.</summary>
    private static SafeFileHandle CreateNameless(long length)
    {
        SafeFileHandle file;
        if (OperatingSystem.IsLinux() && CreateMemoryFile("percpu-pages", 1) is >= 0 and var descriptor)
        {
            file = new SafeFileHandle(descriptor, ownsHandle: true);
        }
        else
        {
            string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
            file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        }
        try
        {
            RandomAccess.SetLength(file, length);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MapMemory(nint address, nuint length, int protection, int flags, SafeFileHandle file, nint offset);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MapMemory(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int UnmapMemory(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "msync", SetLastError = true)]
    private static partial int SyncMemory(nint address, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int FileAllocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long SeekFile(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateMemoryFile(string name, uint flags);
}
