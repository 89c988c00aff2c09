using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Percpu.Interleavings.Model;

/// <summary>A large range of real addresses with memory behind what is used, kept from one execution to the next.</summary>
internal sealed class AddressSpace
{
    private const long Granule = 64 << 10;
    private readonly long _end;
    private readonly Dictionary<long, long> _committed = [];

    internal AddressSpace(long bytes)
    {
        Start = OperatingSystem.IsWindows()
            ? VirtualAlloc(0, (nuint)bytes, 0x2000, 1)
            : MapMemory(0, (nuint)bytes, 0, 2 | (OperatingSystem.IsLinux() ? 0x4020 : 0x1000), -1, 0);
        if (Start is 0 or -1)
            throw new InsufficientMemoryException($"No address space of {bytes} bytes for the model heap.");
        _end = Start + bytes;
    }

    internal long Start { get; }

    internal void CheckFits(long end)
    {
        if (end > _end)
            throw new InsufficientMemoryException("The model heap is full.");
    }

    /// <summary>Puts memory behind a range; it may hold what an earlier execution left there.</summary>
    internal void Commit(long start, long bytes)
    {
        if (_committed.TryGetValue(start, out long before) && before >= bytes)
            return;
        long rounded = (bytes + Granule - 1) / Granule * Granule;
        bool done = OperatingSystem.IsWindows()
            ? VirtualAlloc((nint)start, (nuint)rounded, 0x1000, 4) != 0
            : ProtectMemory((nint)start, (nuint)rounded, 3) == 0;
        if (!done)
            throw new Win32Exception();
        _committed[start] = rounded;
    }

    [DllImport("kernel32", SetLastError = true)]
    private static extern nint VirtualAlloc(nint address, nuint size, uint type, uint protect);

    [DllImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static extern nint MapMemory(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [DllImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static extern int ProtectMemory(nint address, nuint length, int protection);
}
