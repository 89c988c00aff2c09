using System.Runtime.InteropServices;

namespace Percpu.PinThroughput.Measuring;

/// <summary>Puts threads on processors, where the operating system lets a thread choose.</summary>
internal static partial class Affinity
{
    private const int Words = 16, BitsPerWord = 64;

    /// <summary>The processors that the process may use, when it started; empty where threads cannot be put on one.</summary>
    private static readonly int[] Processors = Allowed();

    internal static bool IsSupported => Processors.Length != 0;

    /// <summary>Puts the calling thread on the processor of its index, round and round.</summary>
    internal static void Pin(int index)
    {
        if (Processors.Length == 0)
            return;
        int processor = Processors[index % Processors.Length];
        Span<ulong> mask = stackalloc ulong[Words];
        mask.Clear();
        mask[processor / BitsPerWord] = 1UL << processor;
        _ = SetAffinity(0, Words * sizeof(ulong), ref mask[0]); // Where it fails the thread stays free, as elsewhere.
    }

    private static int[] Allowed()
    {
        if (!OperatingSystem.IsLinux())
            return [];
        Span<ulong> mask = stackalloc ulong[Words];
        mask.Clear();
        if (GetAffinity(0, Words * sizeof(ulong), ref mask[0]) < 0)
            return [];
        var processors = new List<int>();
        for (int i = 0; i < Words * BitsPerWord; i++)
        {
            if ((mask[i / BitsPerWord] >> i & 1) != 0)
                processors.Add(i);
        }
        return [.. processors];
    }

    // The thread 0 is the caller.
    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nint bytes, ref ulong mask);

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int thread, nint bytes, ref ulong mask);
}
