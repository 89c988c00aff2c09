using System.Runtime.InteropServices;
using Percpu.Testing;

namespace Percpu.Memory;

/// <summary>The seam over Coyote: memory that belongs to an iteration, and stays until nothing of that is left.</summary>
internal static unsafe partial class NativeBlocks
{
    private const int ProtNone = 0, ProtReadWrite = 3, PrivateAnonymousNoReserve = 0x2 | 0x20 | 0x4000, PrivateAnonymousOther = 0x1002;
    private const uint MemReserve = 0x2000, MemCommit = 0x1000, PageNoAccess = 1, PageReadWrite = 4, MemRelease = 0x8000;

    private static Blocks Blocks => TestThread.Current.Iteration.Blocks;

    internal static long[] AllocatePinnedWords(int count)
    {
        long[] words = GC.AllocateArray<long>(count, pinned: true);
        Blocks.Add(new Block((long)Pinned.Address(words, 0), count * sizeof(long), words, giveBack: null));
        return words;
    }

    internal static void* Allocate(nuint bytes)
    {
        void* block = NativeMemory.AllocZeroed(bytes);
        Blocks.Add(new Block((long)block, (long)bytes, null, () => NativeMemory.Free(block)));
        return block;
    }

    internal static void Free(void* block)
    {
        if (block != null)
            Retire((long)block);
    }

    internal static long Reserve(long bytes)
    {
        long address = OperatingSystem.IsWindows()
            ? VirtualAlloc(0, (nuint)bytes, MemReserve, PageNoAccess)
            : MapMemory(0, (nuint)bytes, ProtNone, OperatingSystem.IsLinux() ? PrivateAnonymousNoReserve : PrivateAnonymousOther, -1, 0);
        if (address is 0 or -1)
            return 0;
        Blocks.Add(new Block(address, bytes, null, () => Unmap(address, bytes)) { Committed = 0 });
        return address;
    }

    internal static bool Commit(long address, long bytes)
    {
        bool committed = OperatingSystem.IsWindows()
            ? VirtualAlloc((nint)address, (nuint)bytes, MemCommit, PageReadWrite) != 0
            : ProtectMemory((nint)address, (nuint)bytes, ProtReadWrite) == 0;
        if (committed && Blocks.TryFind(address, out Block? block))
            block.Committed = Math.Max(block.Committed, address + bytes - block.Start);
        return committed;
    }

    internal static void AvoidHugePages(long address, long bytes)
    {
    }

    // Whoever has zeroed it otherwise did so word by word.
    internal static bool TryZero(long address, long bytes) => false;

    internal static void Release(long address, long bytes) => Retire(address);

    private static void Retire(long address)
    {
        TestThread thread = TestThread.Current;
        if (!thread.Iteration.Blocks.TryFind(address, out Block? block))
        {
            if (!Finalization.IsHere)
                throw thread.Iteration.Fail($"Memory at 0x{address:x} is freed that was not allocated in this iteration.");
        }
        else if (block.Freed is not null)
        {
            throw thread.Iteration.Fail($"Memory at 0x{address:x} is freed twice. It was freed\n{block.Freed}");
        }
        else
        {
            block.Free();
            thread.Iteration.CheckFreedMemory();
        }
    }

    private static void Unmap(long address, long bytes)
    {
        if (OperatingSystem.IsWindows())
            VirtualFree((nint)address, 0, MemRelease);
        else
            UnmapMemory((nint)address, (nuint)bytes);
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

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int UnmapMemory(nint address, nuint length);
}
