using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Percpu.PinThroughput.Measuring;

/// <summary>
/// How fast this thread's core is just now: 15 independent adds, again and again, which keep all its adders busy. Where the core is
/// shared from outside (another hardware thread, another guest of the machine) they take longer at once. A chain of adds that wait
/// for each other, or a loop that waits for memory, would not notice: it leaves the adders idle anyway.
/// </summary>
internal sealed class ControlLoop : Loop
{
    private const int Slices = 9, Turns = 4_096;

    /// <summary>Gives the middle one of some short slices: an interrupt between them is no shared core.</summary>
    internal override Tally Run(long duration)
    {
        Span<long> ticks = stackalloc long[Slices];
        for (int i = 0; i < Slices; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Add(Turns, i);
            ticks[i] = Stopwatch.GetTimestamp() - start;
        }
        ticks.Sort();
        return new Tally(Turns, ticks[Slices / 2], 0);
    }

    /// <summary>Eight sums in registers: none waits for more than one other add of its turn.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static long Add(int turns, long amount)
    {
        long a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
        for (int i = turns; i != 0; i--)
        {
            a += amount;
            b += amount;
            c += amount;
            d += amount;
            e += amount;
            f += amount;
            g += amount;
            h += amount;
            a += amount;
            b += amount;
            c += amount;
            d += amount;
            e += amount;
            f += amount;
            g += amount;
        }
        return a + b + c + d + e + f + g + h;
    }
}
