using Percpu.Memory;

namespace Percpu.Unit.Counting;

public sealed unsafe class PhaseWrapTests
{
    private const long Half = 1L << 15;
    private const int Switches = 100_000;

    [Theory]
    [InlineData(0)]
    [InlineData(Half)]
    public void I26_no_switch_reaches_the_next_half_of_the_phases_while_an_old_settle_runs(long half)
    {
        // A settle that came between the wait of a wrap and the new phase saw the old phase's number. It must be gone
        // before that number comes again, so waiting for it at one place of the lap is not enough.
        using var reference = new PercpuRef(null, PercpuRefOptions.InitAtomic);
        RefWords* words = Inside.Words(reference);
        long before = (half == 0 ? 2 * Half : half) - 10;
        SetPhase(words, before);
        Atomic.FetchAdd(&words->Settlers, 1);
        OneThread switcher = Threads.Start(() =>
        {
            for (int i = 0; i < 20; i++)
            {
                reference.SwitchToPercpu();
                reference.SwitchToAtomic();
            }
        });

        Threads.WaitUntil(() => !switcher.Thread.IsAlive
            || (PhaseOf(words) == before + 9 && (switcher.Thread.ThreadState & ThreadState.WaitSleepJoin) != 0));
        Assert.True(switcher.Thread.IsAlive, "The switches passed a settle that could take an old phase for the new one.");
        Atomic.FetchAdd(&words->Settlers, -1);
        switcher.Join();
        Assert.Equal((before + 20) % (2 * Half), PhaseOf(words));
        Assert.Equal(1, Inside.Count(reference));
    }

    [Fact]
    public void I26_a_reference_killed_and_revived_past_the_range_of_the_phase_counts_exactly()
    {
        int releases = 0, lives = 1;
        var reference = new PercpuRef(_ => Interlocked.Increment(ref releases), PercpuRefOptions.AllowReinit);
        bool stop = false;
        OneThread reader = Threads.Start(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                if (reference.TryGet())
                    reference.Put();
            }
        });
        int done = 0;
        OneThread switcher = Threads.Start(() =>
        {
            for (int i = 0; i < Switches; i++, Volatile.Write(ref done, i))
            {
                reference.Kill();
                while (true)
                {
                    if (reference.IsZero)
                    {
                        reference.Reinit();
                        lives++;
                        break;
                    }
                    try
                    {
                        reference.Resurrect();
                        break;
                    }
                    catch (InvalidOperationException)
                    {
                        // The last put was faster.
                    }
                }
            }
        });
        // However slow the machine is, it gets on, or waits for ever for a settle that has left.
        for (int before = -1; !switcher.Thread.Join(Threads.Bound); before = Volatile.Read(ref done))
            Assert.True(Volatile.Read(ref done) > before, $"The thread that kills and revives has come to {before} and no further in a minute: it waits for settles.");
        switcher.Join();
        reference.Kill();
        Volatile.Write(ref stop, true);
        reader.Join();
        Assert.True(reference.WaitForRelease(Threads.Bound));
        Assert.Equal(lives, releases);
        Assert.Equal(0, Inside.Count(reference));
    }

    private static long PhaseOf(RefWords* words) => (Atomic.LoadAcquire(&words->Central) >> 2) & 0xFFFF;

    private static void SetPhase(RefWords* words, long phase)
    {
        Atomic.StoreRelease(&words->Central, CountWord.Count(Atomic.LoadAcquire(&words->Central)) | phase << 2);
        Atomic.StoreRelease(&words->Bound, CountWord.Count(Atomic.LoadAcquire(&words->Bound)) | phase << 2);
    }
}
