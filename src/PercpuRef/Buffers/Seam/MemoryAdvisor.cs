using System.Runtime.InteropServices;

namespace Percpu.Buffers;

/// <summary>Advice about memory, in the words of each operating system.</summary>
internal static unsafe partial class MemoryAdvisor
{
    private const int LinuxHugePage = 14;

    /// <summary>False where the operating system has no such advice or did not take it.</summary>
    internal static bool Advise(byte* address, long length, MemoryAdvice advice)
    {
        nint start = (nint)address & -Environment.SystemPageSize;
        nuint bytes = (nuint)((nint)address + (nint)length - start);
        if (OperatingSystem.IsWindows())
            return advice == MemoryAdvice.WillNeed && Prefetch(start, bytes);
        if (advice != MemoryAdvice.HugePages)
            return AdviseMemory(start, bytes, (int)advice) == 0; // 0 to 3 mean the same on Linux, macOS and FreeBSD.
        return OperatingSystem.IsLinux() && AdviseMemory(start, bytes, LinuxHugePage) == 0;
    }

    private static bool Prefetch(nint start, nuint bytes)
    {
        var range = new Range { Address = start, Bytes = bytes };
        return PrefetchVirtualMemory(-1, 1, &range, 0); // -1: this process.
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int AdviseMemory(nint address, nuint length, int advice);

    [LibraryImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool PrefetchVirtualMemory(nint process, nuint count, Range* ranges, uint flags);

    private struct Range
    {
        internal nint Address;
        internal nuint Bytes;
    }
}
