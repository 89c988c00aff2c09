#pragma warning disable RS0030 // The seam.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Percpu.Memory;

/// <summary>Finds runs of entries by comparing many at once.</summary>
/// <remarks>Part of the seam: reads words that threads share by vector loads. A vector need not be loaded at one moment,
/// but each of its aligned 8-byte words is. Every entry may have changed when the call returns; the caller's read
/// section keeps what it named.</remarks>
internal static unsafe class PteScan
{
    private const long Step = 4096; // From one entry to the next: one more page frame number.

    /// <summary>How many entries, from the first, each name the page after the one before, with the same flags.</summary>
    /// <param name="entries">The first entry.</param>
    /// <param name="count">How many to look at; at least 1.</param>
    /// <param name="first">What the first entry was found to be.</param>
    /// <param name="ignored">Flags that may differ.</param>
    internal static int RunLength(long* entries, int count, long first, long ignored)
    {
        if (Vector512.IsHardwareAccelerated)
            return RunLength512(entries, count, first, ignored);
        if (Vector256.IsHardwareAccelerated)
            return RunLength256(entries, count, first, ignored);
        return Vector128.IsHardwareAccelerated ? RunLength128(entries, count, first, ignored) : RunLengthScalar(entries, 0, count, first, ignored);
    }

    /// <summary>With AVX-512.</summary>
    internal static int RunLength512(long* entries, int count, long first, long ignored)
    {
        Vector512<long> mask = Vector512.Create(ignored);
        Vector512<long> expected = Vector512.Create(first | ignored) + Vector512.Create(0, Step, 2 * Step, 3 * Step, 4 * Step, 5 * Step, 6 * Step, 7 * Step);
        Vector512<long> step = Vector512.Create(8 * Step);
        int i = 0;
        for (; i <= count - 8; i += 8, expected += step)
        {
            if ((Vector512.Load(entries + i) | mask) != expected)
                break;
        }
        return RunLengthScalar(entries, i, count, first, ignored);
    }

    /// <summary>With AVX2.</summary>
    internal static int RunLength256(long* entries, int count, long first, long ignored)
    {
        Vector256<long> mask = Vector256.Create(ignored);
        Vector256<long> expected = Vector256.Create(first | ignored) + Vector256.Create(0, Step, 2 * Step, 3 * Step);
        Vector256<long> step = Vector256.Create(4 * Step);
        int i = 0;
        for (; i <= count - 4; i += 4, expected += step)
        {
            if ((Vector256.Load(entries + i) | mask) != expected)
                break;
        }
        return RunLengthScalar(entries, i, count, first, ignored);
    }

    /// <summary>With AdvSimd, or SSE.</summary>
    internal static int RunLength128(long* entries, int count, long first, long ignored)
    {
        Vector128<long> mask = Vector128.Create(ignored);
        Vector128<long> expected = Vector128.Create(first | ignored) + Vector128.Create(0, Step);
        Vector128<long> step = Vector128.Create(2 * Step);
        int i = 0;
        for (; i <= count - 2; i += 2, expected += step)
        {
            if ((Vector128.Load(entries + i) | mask) != expected)
                break;
        }
        return RunLengthScalar(entries, i, count, first, ignored);
    }

    /// <summary>One by one, from an entry on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int RunLengthScalar(long* entries, int from, int count, long first, long ignored)
    {
        int i = from;
        while (i < count && (Volatile.Read(ref entries[i]) | ignored) == (first | ignored) + i * Step)
            i++;
        return i;
    }
}
