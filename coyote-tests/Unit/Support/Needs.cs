using System.Runtime.InteropServices;
using Percpu.Pagemap;

namespace Percpu.Unit.Support;

/// <summary>Skips a test where the system lacks what it is about.</summary>
internal static partial class Needs
{
    private const int NoSuchAdvice = 9_999;

    internal static void RangesBackedByFiles() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Ranges backed by a file need mmap.");

    internal static void FramesInTheDevice() => Assert.SkipUnless(RegionMemory.CanMapAt, "Frames in device memory need mmap.");

    /// <summary>An emulator takes any advice about memory, and passes on none: a kernel refuses what it does not know.</summary>
    internal static void KernelThatHearsAdvice() => Assert.SkipWhen(
        !File.Exists("/sys/kernel/mm/transparent_hugepage/enabled") || MemoryAdvise(0, 0x1000, NoSuchAdvice) == 0, "Here no page is a huge one, or advice about it is not heard.");

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MemoryAdvise(nint address, nuint length, int advice);
}
