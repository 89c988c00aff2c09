using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Percpu.Buffers;

/// <summary>What the operating system says of a file: its kind, its length, and which one it is, whatever it is called by now.</summary>
/// <remarks>Device and inode are 0 on Windows. As long as a file is mapped no other gets its inode, also when it was deleted.</remarks>
internal readonly unsafe partial record struct FileStatus(FileKind Kind, long Length, ulong Device, ulong Inode)
{
    private const int BufferBytes = 256, CurrentFolder = -100, EmptyPath = 0x1000, End = 2;
    private const uint BasicStats = 0x7FF;

    /// <summary>Whether both are one file.</summary>
    internal bool IsSameAs(FileStatus other) => Device == other.Device && Inode == other.Inode;

    /// <summary>The file behind a path and its links, without opening it: that would wait for the other end of a pipe and
    /// may move a device. False where there is none, or Windows.</summary>
    internal static bool TryRead(string path, out FileStatus status)
    {
        byte* buffer = stackalloc byte[BufferBytes];
        if (OperatingSystem.IsLinux() ? StatLinux(CurrentFolder, path, 0, BasicStats, buffer) == 0
            : OperatingSystem.IsMacOS() ? (IsIntel ? StatMacIntel(path, buffer) : Stat(path, buffer)) == 0
            : OperatingSystem.IsFreeBSD() && Stat(path, buffer) == 0)
        {
            status = Parse(buffer);
            return true;
        }
        status = default;
        return false;
    }

    /// <summary>Of an open file. Throws IOException.</summary>
    internal static FileStatus Of(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS() && !OperatingSystem.IsFreeBSD())
            return OfWindows(file);
        byte* buffer = stackalloc byte[BufferBytes];
        int failed = OperatingSystem.IsLinux() ? StatLinux(file, "", EmptyPath, BasicStats, buffer)
            : OperatingSystem.IsMacOS() && IsIntel ? StatMacIntel(file, buffer)
            : Stat(file, buffer);
        if (failed != 0)
            throw Unknown();
        FileStatus status = Parse(buffer);
        return status.Kind == FileKind.BlockDevice ? status with { Length = Math.Max(0, Seek(file, 0, End)) } : status;
    }

    private static bool IsIntel => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    private static FileStatus OfWindows(SafeFileHandle file)
    {
        try
        {
            return new FileStatus(FileKind.Regular, RandomAccess.GetLength(file), 0, 0);
        }
        catch (NotSupportedException)
        {
            return new FileStatus(FileKind.Pipe, 0, 0, 0); // It cannot be sought in.
        }
    }

    // struct statx; struct stat with inodes of 64 bits; that of FreeBSD 12 and later.
    private static FileStatus Parse(byte* buffer)
    {
        if (OperatingSystem.IsLinux())
        {
            ulong device = ((ulong)*(uint*)(buffer + 136) << 32) | *(uint*)(buffer + 140);
            return new FileStatus(KindOf(*(ushort*)(buffer + 28)), *(long*)(buffer + 40), device, *(ulong*)(buffer + 32));
        }
        return OperatingSystem.IsMacOS()
            ? new FileStatus(KindOf(*(ushort*)(buffer + 4)), *(long*)(buffer + 96), *(uint*)buffer, *(ulong*)(buffer + 8))
            : new FileStatus(KindOf(*(ushort*)(buffer + 24)), *(long*)(buffer + 112), *(ulong*)buffer, *(ulong*)(buffer + 8));
    }

    private static FileKind KindOf(int mode) => (mode >> 12) switch
    {
        8 => FileKind.Regular,
        4 => FileKind.Folder,
        1 => FileKind.Pipe,
        12 => FileKind.Socket,
        2 => FileKind.CharacterDevice,
        6 => FileKind.BlockDevice,
        _ => FileKind.Other,
    };

    private static IOException Unknown() => new($"The operating system says nothing of an open file: {new Win32Exception().Message}");

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatLinux(int folder, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatLinux(SafeFileHandle file, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "stat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, byte* buffer);

    [LibraryImport("libc", EntryPoint = "fstat", SetLastError = true)]
    private static partial int Stat(SafeFileHandle file, byte* buffer);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatMacIntel(string path, byte* buffer);

    [LibraryImport("libc", EntryPoint = "fstat$INODE64", SetLastError = true)]
    private static partial int StatMacIntel(SafeFileHandle file, byte* buffer);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int origin);
}
