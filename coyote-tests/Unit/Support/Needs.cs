using Percpu.Pagemap;

namespace Percpu.Unit.Support;

/// <summary>Skips a test where the system lacks what it is about.</summary>
internal static class Needs
{
    internal static void RangesBackedByFiles() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Ranges backed by a file need mmap.");

    internal static void FramesInTheDevice() => Assert.SkipUnless(RegionMemory.CanMapAt, "Frames in device memory need mmap.");
}
