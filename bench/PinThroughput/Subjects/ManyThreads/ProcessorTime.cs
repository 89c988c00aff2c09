using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Percpu.PinThroughput.Subjects.ManyThreads;

/// <summary>The processor time of the calling thread; where the system does not tell (other than Linux), the time of day.</summary>
internal static partial class ProcessorTime
{
    private const int OfThisThread = 3; // CLOCK_THREAD_CPUTIME_ID

    internal static double Nanoseconds() => OperatingSystem.IsLinux() && GetTime(OfThisThread, out Time time) == 0
        ? time.Seconds * 1e9 + time.Nanoseconds
        : Stopwatch.GetTimestamp() * 1e9 / Stopwatch.Frequency;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Time
    {
        internal readonly long Seconds;
        internal readonly long Nanoseconds;
    }
}
