using System.Runtime.CompilerServices;

namespace Percpu.Memory;

/// <summary>
/// Where everything of a bank lies, and how a thread finds its own word of a reference.
/// <code>
/// bank:  | hazard lines of its threads | run 0 | run 1 | ...
/// run:   | 512 words of thread 0 | a line | 512 words of thread 1 | a line | ...
/// </code>
/// A reference has the same <em>place</em> in every bank: the distance of thread 0's word from the bank's first byte. A
/// thread's <em>area</em> is the address of its bank and, from there, as many strides as areas stand before it.
/// </summary>
/// <remarks>
/// <para>The stride is a page and a line, so that the words of one reference fall into different sets of the cache, and no
/// two threads share a line.</para>
/// <para>Areas and percpu mode words are stored with bit 63 set. In <c>area + word</c> the two bits cancel: it is an
/// address, above 0. No area is 0, and the mode word of atomic mode is a small negative number; with either of
/// them the sum is 0 or below. So one comparison with 0 tells an address from everything else.</para>
/// </remarks>
internal static class StripeLayout
{
    /// <summary>Slots of a run: as many as a page has words.</summary>
    internal const int RunSlots = 512;

    internal const int LineBytes = 64;

    /// <summary>From one thread's words to the next one's.</summary>
    internal const long Stride = RunSlots * sizeof(long) + LineBytes;

    /// <summary>Rows of a bank that fill up side by side. The window of words at the head of a row is a page; each further one begins a
    /// line later in its page, and ends in the next: so the first threads touch a page of a run, not two.</summary>
    internal const int Rows = PerProcess.BankThreads >= 256 ? 4 : 1;

    internal const int RowThreads = PerProcess.BankThreads / Rows;

    /// <summary>All threads' words of 512 slots. With 256 threads whole pages: 260 of 4 KiB, 65 of 16 KiB.</summary>
    internal const long RunBytes = PerProcess.BankThreads * Stride;

    /// <summary>The hazard lines, which come first. With 256 threads whole pages.</summary>
    internal const long HazardBytes = PerProcess.BankThreads * LineBytes;

    /// <summary>Banks lie above this address, and slot numbers below it: a number never outweighs an area.</summary>
    internal const long LowestBank = int.MaxValue;

    /// <summary>The bit that is set in an area and in a percpu mode word, and clear in their sum.</summary>
    internal const long Flag = long.MinValue;

    /// <summary>Where in its bank the area of an index stands, in strides.</summary>
    internal static int PositionOf(int index) => index % PerProcess.BankThreads % Rows * RowThreads + index % PerProcess.BankThreads / Rows;

    /// <summary>How many slots banks of a size have words for.</summary>
    internal static long SlotsOf(long bankBytes) => (bankBytes - HazardBytes) / RunBytes * RunSlots;

    /// <summary>The bytes of a bank that its first runs take.</summary>
    internal static long BytesOf(long runs) => HazardBytes + runs * RunBytes;

    internal static long PlaceOf(long number) => BytesOf(number / RunSlots) + IndexOf((int)(number % RunSlots)) * sizeof(long);

    internal static long NumberOf(long place)
    {
        (long run, long rest) = Math.DivRem(place - HazardBytes, RunBytes);
        return run * RunSlots + IndexOf((int)(rest / sizeof(long)));
    }

    /// <summary>
    /// Which word of a thread's page belongs to a slot of the run, and the reverse. The first two words of each line change places:
    /// so no slot's stripe has the position in its line that the slot's mode word has in another; see <see cref="SlotRun"/>.
    /// </summary>
    /// <remarks>A load of the mode word that comes after a store to a stripe with the same low 12 address bits waits for that store,
    /// as if it were to the same word (4K aliasing). Threads differ by whole lines, so all depends on the position in the line.</remarks>
    internal static int IndexOf(int slot) => (slot & 6) == 0 ? slot ^ 1 : slot;

    /// <summary>What the mode word holds in percpu mode.</summary>
    internal static long PercpuWord(long number) => PlaceOf(number) | Flag;

    /// <summary>What it holds in atomic mode.</summary>
    internal static long AtomicWord(long number) => ~number;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsPercpu(long word) => word < int.MinValue;

    /// <summary>The slot number, which a mode word tells in either mode.</summary>
    internal static long NumberIn(long word) => IsPercpu(word) ? NumberOf(word ^ Flag) : ~word;
}
