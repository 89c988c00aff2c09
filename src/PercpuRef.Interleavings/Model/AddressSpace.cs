using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Percpu.Interleavings.Model;

/// <summary>A large range of real addresses with memory behind what is used, kept from one execution to the next.</summary>
internal sealed class AddressSpace
{
    /// <summary>What memory is put behind at least.</summary>
    internal const long Granule = 64 << 10;

    private readonly Dictionary<long, long> _committed = [];

    internal AddressSpace(long bytes)
    {
        nuint reserved = (nuint)(bytes + Granule);
        long address = OperatingSystem.IsWindows() ? VirtualAlloc(0, reserved, 0x2000, 1) : MapMemory(0, reserved, 0, MapFlags, -1, 0);
        if (address is 0 or -1)
            throw new InsufficientMemoryException($"No address space of {bytes} bytes for the model heap.");
        Start = AlignUp(address);
    }

    /// <summary>The first address, a multiple of <see cref="Granule"/>: a system gives whole pages, not more.</summary>
    internal long Start { get; }

    internal static long AlignUp(long address) => (address + Granule - 1) & -Granule;

    private static int MapFlags => 2 | (OperatingSystem.IsLinux() ? 0x4020 : 0x1000);

    /// <summary>Puts memory behind a range: zeroes, and what was put there since the space was <see cref="Empty">emptied</see>.</summary>
    internal void Commit(long start, long bytes)
    {
        if (_committed.TryGetValue(start, out long before) && before >= bytes)
            return;
        long rounded = AlignUp(bytes);
        bool done = OperatingSystem.IsWindows()
            ? VirtualAlloc((nint)start, (nuint)rounded, 0x1000, 4) != 0
            : ProtectMemory((nint)start, (nuint)rounded, 3) == 0;
        if (!done)
            throw new Win32Exception();
        _committed[start] = rounded;
    }

    /// <summary>Takes the memory away again, where it was put: a new mapping of the whole would cost some kernels and emulators for each of its pages.</summary>
    internal void Empty()
    {
        foreach ((long start, long bytes) in _committed)
        {
            bool done = OperatingSystem.IsWindows()
                ? VirtualFree((nint)start, (nuint)bytes, 0x4000)
                : MapMemory((nint)start, (nuint)bytes, 0, MapFlags | 0x10, -1, 0) == start;
            if (!done)
                throw new Win32Exception();
        }
        _committed.Clear();
    }

    /// <summary>An address, not below this one, where there is memory and it is not zero. Null if there is none.</summary>
    internal unsafe long? FindNonzero(long from)
    {
        foreach ((long start, long bytes) in _committed)
        {
            if (start < from)
                continue;
            int at = new ReadOnlySpan<byte>((void*)start, checked((int)bytes)).IndexOfAnyExcept((byte)0);
            if (at >= 0)
                return start + at;
        }
        return null;
    }

    [DllImport("kernel32", SetLastError = true)]
    private static extern nint VirtualAlloc(nint address, nuint size, uint type, uint protect);

    [DllImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool VirtualFree(nint address, nuint size, uint type);

    [DllImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static extern nint MapMemory(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [DllImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static extern int ProtectMemory(nint address, nuint length, int protection);
}
