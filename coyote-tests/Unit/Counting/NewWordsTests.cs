using Percpu.Memory;

namespace Percpu.Unit.Counting;

/// <summary>What stands in the words of a new reference, to the last bit, and that a flag is one bit of them. Nothing here is killed or
/// switched: where the lock of the switches is not free at the beginning, that would wait for ever.</summary>
public sealed unsafe class NewWordsTests
{
    private const long BelowCount = (1L << 18) - 1;

    [Theory]
    [InlineData(PercpuRefOptions.None, false, 0)]
    [InlineData(PercpuRefOptions.AllowReinit, false, RefWords.AllowsReinit | RefWords.HasLine)]
    [InlineData(PercpuRefOptions.InitAtomic, false, RefWords.AllowsReinit | RefWords.StaysAtomic | RefWords.HasLine)]
    [InlineData(PercpuRefOptions.InitDead, false, RefWords.AllowsReinit | RefWords.HasLine)]
    [InlineData(PercpuRefOptions.InitDead | PercpuRefOptions.InitAtomic, false, RefWords.AllowsReinit | RefWords.StaysAtomic | RefWords.HasLine)]
    [InlineData(PercpuRefOptions.TrackHolders, false, RefWords.StaysAtomic | RefWords.HasLine)]
    [InlineData(PercpuRefOptions.TrackHolders | PercpuRefOptions.AllowReinit, false, RefWords.AllowsReinit | RefWords.StaysAtomic | RefWords.HasLine)]
    [InlineData(PercpuRefOptions.None, true, RefWords.CanBeAnnounced | RefWords.HasLine)]
    public void I1_I2_I3_a_new_reference_has_the_flags_of_its_options_and_no_others(PercpuRefOptions options, bool announced, long state)
    {
        for (int i = 0; i < 3; i++)
        {
            var reference = new PercpuRef(null, options, announced);
            RefWords words = *Inside.Words(reference);
            bool dead = (options & PercpuRefOptions.InitDead) != 0, atomic = dead || (state & RefWords.StaysAtomic) != 0;
            long count = CountWord.FromCount(dead ? 0 : 1);
            Assert.Equal(state, words.State);
            Assert.Equal(dead ? CountWord.Dead | CountWord.Released : 0, words.Central & BelowCount);
            Assert.Equal(CountWord.ToCount(count), Inside.Count(reference));
            // A slot of an earlier reference has a sum in its stripes, and the bound of atomic mode is that sum.
            Assert.Equal(atomic ? count - CountWord.Count(words.Central) : CountWord.Unconfirmed, words.Bound);
            Assert.Equal(atomic ? StripeLayout.AtomicWord(reference.Number) : StripeLayout.PercpuWord(reference.Number), words.Mode);
            if ((state & RefWords.HasLine) != 0)
                Assert.Equal((0, 0), (words.Settlers, words.Limit));
            GC.KeepAlive(reference);
        }
    }

    [Theory]
    [InlineData(0)] // The lock of the switches is free, held, or held with sleepers.
    [InlineData(1)]
    [InlineData(2)]
    public void I14_a_flag_is_set_and_cleared_and_every_other_bit_of_the_state_stays_the_locks_too(long locked)
    {
        var reference = new PercpuRef(null, PercpuRefOptions.AllowReinit);
        long* state = &Inside.Words(reference)->State;
        Atomic.StoreRelease(state, Atomic.LoadAcquire(state) | locked);
        foreach (long flag in (long[])[RefWords.StaysAtomic, RefWords.Ended, RefWords.Unbalanced, RefWords.Disposed])
        {
            long before = Atomic.LoadAcquire(state);
            Assert.False(Inside.Has(reference, flag));
            for (int i = 0; i < 2; i++)
            {
                Inside.Set(reference, flag);
                Assert.Equal(before | flag, Atomic.LoadAcquire(state));
                Assert.True(Inside.Has(reference, flag));
            }
            for (int i = 0; i < 2; i++)
            {
                Inside.Clear(reference, flag);
                Assert.Equal(before, Atomic.LoadAcquire(state));
            }
            Inside.Set(reference, flag); // One more beside the next one.
        }
        GC.KeepAlive(reference);
    }

    [Fact]
    public void I14_flags_that_threads_set_and_clear_side_by_side_are_all_set_and_all_cleared()
    {
        var reference = new PercpuRef(null, PercpuRefOptions.AllowReinit);
        bool ends = false;
        Threads.Run(() => Change(RefWords.Ended, 4_000_000), () => Change(RefWords.StaysAtomic, int.MaxValue), () => Change(RefWords.Unbalanced, int.MaxValue));
        Assert.Equal(RefWords.AllowsReinit | RefWords.HasLine, Inside.Words(reference)->State);
        GC.KeepAlive(reference);

        // The first to have done all its rounds, or to fail, ends it: as long as it runs it shall meet somebody.
        void Change(long flag, int rounds)
        {
            try
            {
                for (int i = 0; i < rounds && !Volatile.Read(ref ends); i++)
                {
                    Inside.Set(reference, flag);
                    Assert.True(Inside.Has(reference, flag));
                    Inside.Clear(reference, flag);
                    Assert.False(Inside.Has(reference, flag));
                }
            }
            finally
            {
                Volatile.Write(ref ends, true);
            }
        }
    }

    [Fact]
    public void I11_a_life_that_is_asked_for_has_ended_if_its_flag_says_so_and_by_no_other_bit_of_the_state()
    {
        for (long bit = 1; bit <= RefWords.Unbalanced; bit <<= 1) // From the lock of the switches on.
        {
            var reference = new PercpuRef();
            long* state = &Inside.Words(reference)->State;
            long before = Atomic.LoadAcquire(state);
            Atomic.StoreRelease(state, before | bit);
            Assert.Equal(bit == RefWords.Ended, reference.Released.IsCompleted);
            Atomic.StoreRelease(state, before);
            GC.KeepAlive(reference);
        }
    }
}
