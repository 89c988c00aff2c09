using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Percpu.Memory;

/// <summary>Memory that does not move: pinned words, blocks, and address space reserved now and committed later.</summary>
internal static unsafe partial class NativeBlocks
{
    private const int ProtNone = 0, ProtReadWrite = 3, MapPrivate = 2;
    private const int DontNeed = 4, NoHugePage = 15;
    private const uint MemReserve = 0x2000, MemCommit = 0x1000, PageNoAccess = 1, PageReadWrite = 4, MemRelease = 0x8000;

    /// <summary>Zeroed words at a stable address, alive as long as the array is.</summary>
    internal static long[] AllocatePinnedWords(int count) => GC.AllocateArray<long>(count, pinned: true);

    /// <summary>A zeroed block. Throws OutOfMemoryException.</summary>
    internal static void* Allocate(nuint bytes) => NativeMemory.AllocZeroed(bytes);

    /// <summary>Frees a block of <see cref="Allocate"/>.</summary>
    internal static void Free(void* block) => NativeMemory.Free(block);

    /// <summary>Reserves address space without memory behind it; 0 when there is none.</summary>
    internal static long Reserve(long bytes)
    {
        if (OperatingSystem.IsWindows())
            return VirtualAlloc(0, (nuint)bytes, MemReserve, PageNoAccess);
        int flags = MapPrivate | (OperatingSystem.IsLinux() ? 0x20 | 0x4000 : 0x1000); // ANONYMOUS and NORESERVE
        nint address = MapMemory(0, (nuint)bytes, ProtNone, flags, -1, 0);
        return address == -1 ? 0 : address;
    }

    /// <summary>Puts zeroed memory behind a reserved range; false when there is none.</summary>
    internal static bool Commit(long address, long bytes) =>
        OperatingSystem.IsWindows()
            ? VirtualAlloc((nint)address, (nuint)bytes, MemCommit, PageReadWrite) != 0
            : ProtectMemory((nint)address, (nuint)bytes, ProtReadWrite) == 0;

    /// <summary>Asks for pages of the ordinary size behind a range: only what is touched shall take memory.</summary>
    internal static void AvoidHugePages(long address, long bytes)
    {
        if (OperatingSystem.IsLinux())
            _ = AdviseMemory((nint)address, (nuint)bytes, NoHugePage); // Fails where the kernel has none.
    }

    /// <summary>Zeroes a committed range of whole pages by giving its memory back. False, with nothing changed, where that
    /// cannot be had.</summary>
    internal static bool TryZero(long address, long bytes) =>
        OperatingSystem.IsLinux()
        && (address | bytes) % Environment.SystemPageSize == 0
        && AdviseMemory((nint)address, (nuint)bytes, DontNeed) == 0;

    /// <summary>Gives a reserved range back whole.</summary>
    internal static void Release(long address, long bytes)
    {
        if (OperatingSystem.IsWindows() ? !VirtualFree((nint)address, 0, MemRelease) : UnmapMemory((nint)address, (nuint)bytes) != 0)
            throw new Win32Exception();
    }

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial nint VirtualAlloc(nint address, nuint size, uint type, uint protect);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool VirtualFree(nint address, nuint size, uint type);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MapMemory(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int ProtectMemory(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int AdviseMemory(nint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int UnmapMemory(nint address, nuint length);
}
