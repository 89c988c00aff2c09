#pragma warning disable RS0030 // The seam.
namespace Percpu.Memory;

/// <summary>Sleeping until a word changes, in the manner of a futex. Never on a get or put.</summary>
internal static unsafe class Parking
{
    private static readonly object[] Buckets = CreateBuckets();

    /// <summary>
    /// Returns at once unless the word still holds <paramref name="expected"/>; otherwise sleeps until
    /// <see cref="WakeAll"/> on the same word, the time-out, or for no reason. The caller checks again.
    /// </summary>
    internal static void Wait(long* word, long expected, int millisecondsTimeout = Timeout.Infinite)
    {
        object bucket = BucketOf(word);
        lock (bucket)
        {
            if (Volatile.Read(ref *word) == expected)
                Monitor.Wait(bucket, millisecondsTimeout);
        }
    }

    /// <summary>Wakes every thread that sleeps on the word. The caller has changed it before.</summary>
    internal static void WakeAll(long* word)
    {
        object bucket = BucketOf(word);
        bool interrupted = false;
        for (bool woken = false; !woken;)
        {
            try
            {
                lock (bucket)
                    Monitor.PulseAll(bucket);
                woken = true;
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true; // Not now: the sleepers would sleep for ever.
            }
        }
        if (interrupted)
            Thread.CurrentThread.Interrupt();
    }

    private static object BucketOf(long* word) => Buckets[(int)(((ulong)word >> 3) * 0x9E3779B97F4A7C15 >> 58)];

    private static object[] CreateBuckets()
    {
        var buckets = new object[64];
        for (int i = 0; i < buckets.Length; i++)
            buckets[i] = new object();
        return buckets;
    }
}
