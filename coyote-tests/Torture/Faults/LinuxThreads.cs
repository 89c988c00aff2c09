using System.Globalization;
using System.Runtime.InteropServices;

namespace Percpu.Torture.Faults;

/// <summary>What Linux alone lets a process do to its threads, by system calls and <c>/proc</c>.</summary>
internal static unsafe partial class LinuxThreads
{
    private const int AddressSpace = 9; // RLIMIT_AS

    /// <summary>The ids of all threads of the process, those of the runtime included.</summary>
    internal static List<int> All() =>
        Directory.GetDirectories("/proc/self/task").Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture)).ToList();

    /// <summary>The processors this process may use, as a mask of the first 64.</summary>
    internal static ulong AllowedProcessors()
    {
        ulong* mask = stackalloc ulong[16];
        return GetAffinity(0, 16 * sizeof(ulong), mask) == 0 ? mask[0] : 0;
    }

    /// <summary>False when the thread is gone or the system refuses.</summary>
    internal static bool TryBind(int thread, ulong processors)
    {
        ulong* mask = stackalloc ulong[16];
        new Span<ulong>(mask, 16).Clear();
        mask[0] = processors;
        return SetAffinity(thread, 16 * sizeof(ulong), mask) == 0;
    }

    /// <summary>0 is normal, 19 the lowest; going back needs a privilege.</summary>
    internal static bool TrySetNice(int thread, int nice) => SetPriority(0, (uint)thread, nice) == 0;

    internal static void Nap(int microseconds)
    {
        long* time = stackalloc long[2];
        time[0] = 0;
        time[1] = microseconds * 1000L;
        _ = NanoSleep(time, null);
    }

    /// <summary>How often the system took the processor from threads that wanted to go on, over all living threads.</summary>
    internal static long Preemptions()
    {
        long sum = 0;
        foreach (int thread in All())
        {
            try
            {
                foreach (string line in File.ReadLines($"/proc/self/task/{thread}/status"))
                {
                    if (line.StartsWith("nonvoluntary_ctxt_switches:", StringComparison.Ordinal))
                        sum += long.Parse(line.AsSpan(27), CultureInfo.InvariantCulture);
                }
            }
            catch (IOException)
            {
                // The thread ended meanwhile.
            }
        }
        return sum;
    }

    /// <summary>Leaves the process so much more address space than it uses now; false when the system refuses, or an emulator
    /// takes the limit and does not apply it.</summary>
    internal static bool TryLimitAddressSpace(long bytesMore)
    {
        string size = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmSize:", StringComparison.Ordinal));
        long used = long.Parse(size.Split(' ', '\t').First(part => part.Length > 0 && char.IsAsciiDigit(part[0])), CultureInfo.InvariantCulture) << 10;
        ulong* limit = stackalloc ulong[2];
        limit[0] = limit[1] = (ulong)(used + bytesMore);
        return SetLimit(AddressSpace, limit) == 0 && AddressSpaceLimit() == (ulong)(used + bytesMore);
    }

    /// <summary>The limit of this process's address space in bytes, <see cref="ulong.MaxValue"/> if there is none.</summary>
    internal static ulong AddressSpaceLimit()
    {
        ulong* limit = stackalloc ulong[2];
        return GetLimit(AddressSpace, limit) == 0 ? limit[0] : ulong.MaxValue;
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    private static partial int GetAffinity(int thread, nuint size, ulong* mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int thread, nuint size, ulong* mask);

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetPriority(int which, uint who, int nice);

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(long* time, long* left);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, ulong* limit);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, ulong* limit);
}
