using System.Numerics;

namespace Percpu.PinThroughput.Measuring;

/// <summary>
/// How often an operation took how long, from a tick to centuries at a relative error of at most 1/32: the idea of
/// HdrHistogram. Each power of two is cut into 32 equal parts. Not for two threads at once.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int PartBits = 5, Parts = 1 << PartBits;

    private readonly long[] _counts = new long[(64 - PartBits) * Parts];

    internal long Count { get; private set; }

    /// <summary>The longest, exactly.</summary>
    internal long Max { get; private set; }

    /// <summary>Adds one duration; a negative one (a clock that was set back) counts as 0.</summary>
    internal void Record(long ticks)
    {
        ticks = Math.Max(0, ticks);
        _counts[IndexOf(ticks)]++;
        Count++;
        Max = Math.Max(Max, ticks);
    }

    internal void Add(LatencyHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        Count += other.Count;
        Max = Math.Max(Max, other.Max);
    }

    internal void Clear()
    {
        Array.Clear(_counts);
        (Count, Max) = (0, 0);
    }

    /// <summary>The duration that a part of all operations (0 to 1) did not exceed; 0 of none.</summary>
    internal long Quantile(double at)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(at * Count)), seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
                return Math.Min(Max, LastOf(i));
        }
        return Max;
    }

    private static int IndexOf(long ticks)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)ticks) - PartBits);
        return shift * Parts + (int)(ticks >> shift);
    }

    /// <summary>The largest value that is counted at an index.</summary>
    private static long LastOf(int index)
    {
        int shift = Math.Max(0, index / Parts - 1);
        return ((index - shift * Parts + 1L) << shift) - 1;
    }
}
