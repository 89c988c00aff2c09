using Percpu.Memory;

namespace Percpu.Unit.Memory;

public sealed unsafe class StripeLayoutTests
{
    private const long Line = 64, Low = 4095;

    /// <summary>Addresses that the operating system may give: the lowest allowed, user space's end on x64, on arm64 with 52 bits,
    /// and with page tables of five levels.</summary>
    private static readonly long[] Banks = [StripeLayout.LowestBank + 1, 0x7F00_0000_0000, 1L << 47, (1L << 52) - (64L << 30), (1L << 56) - (64L << 30)];

    [Fact]
    public void Each_slot_has_a_place_of_its_own_and_mode_words_tell_its_number_in_either_mode()
    {
        long all = StripeLayout.SlotsOf(PerProcess.BankSizes[0]);
        Assert.True(all > 33_000_000);
        HashSet<long> places = [];
        foreach (long number in Enumerable.Range(0, 5000).Select(i => (long)i).Concat([all / 2, all - 512, all - 1]))
        {
            long place = StripeLayout.PlaceOf(number);
            Assert.True(places.Add(place));
            Assert.InRange(place, StripeLayout.HazardBytes, PerProcess.BankSizes[0] - (255 * StripeLayout.Stride) - 8);
            Assert.Equal(number, StripeLayout.NumberOf(place));
            Assert.Equal(number, StripeLayout.NumberIn(StripeLayout.PercpuWord(number)));
            Assert.Equal(number, StripeLayout.NumberIn(StripeLayout.AtomicWord(number)));
            Assert.True(StripeLayout.IsPercpu(StripeLayout.PercpuWord(number)));
            Assert.False(StripeLayout.IsPercpu(StripeLayout.AtomicWord(number)));
        }
    }

    [Fact]
    public void Area_plus_word_is_above_zero_exactly_with_an_area_and_in_percpu_mode_and_is_the_address_then()
    {
        long last = StripeLayout.SlotsOf(PerProcess.BankSizes[0]) - 1;
        foreach (long bank in Banks)
        {
            foreach (long thread in (long[])[0, 1, 255])
            {
                foreach (long number in (long[])[0, 1, 511, 512, last])
                {
                    long area = (bank + (thread * StripeLayout.Stride)) | StripeLayout.Flag;
                    Assert.Equal(bank + (thread * StripeLayout.Stride) + StripeLayout.PlaceOf(number), area + StripeLayout.PercpuWord(number));
                    Assert.True(area + StripeLayout.AtomicWord(number) <= 0);
                    Assert.True(0 + StripeLayout.PercpuWord(number) <= 0);
                    Assert.True(0 + StripeLayout.AtomicWord(number) <= 0);
                }
            }
        }
    }

    [Fact]
    public void No_two_threads_words_of_one_reference_share_a_line_and_neighbours_fall_into_different_sets()
    {
        HashSet<long> lines = [];
        for (int thread = 0; thread < PerProcess.BankThreads; thread++)
        {
            for (int word = 0; word < StripeLayout.RunSlots; word += 8)
                Assert.True(lines.Add((thread * StripeLayout.Stride + word * 8) / Line));
        }
        Assert.Equal(0, StripeLayout.RunBytes % 4096);
        Assert.Equal(0, StripeLayout.HazardBytes % 4096);
        long[] sets = [.. Enumerable.Range(0, 64).Select(thread => thread * StripeLayout.Stride / Line % 64)]; // Of a first-level cache.
        Assert.Equal(64, sets.Distinct().Count());
    }

    [Fact]
    public void No_mode_word_shares_its_low_12_address_bits_with_a_thread_s_own_stripe_or_hazard_pointer()
    {
        foreach (SlotKind kind in Enum.GetValues<SlotKind>())
        {
            var run = new SlotRun(number: 3, kind);
            long first = (long)run.SlotAt(0).Words & ~63L;
            for (int i = 0; i < SlotRun.Slots; i++)
            {
                Slot slot = run.SlotAt(i);
                for (long thread = 0; thread < PerProcess.BankThreads; thread++)
                {
                    // As the pinned array moves by pages, so does the bank: any difference of lines between them occurs.
                    for (long shift = 0; shift < 4096; shift += Line)
                    {
                        long stripe = StripeLayout.PlaceOf(slot.Number) + (thread * StripeLayout.Stride) + shift;
                        Assert.False((stripe & Low) == ((long)slot.Words & Low), $"{kind} slot {i}, thread {thread}");
                        if (kind == SlotKind.Readers) // Readers load the epoch as well.
                            Assert.False((stripe & Low) == ((long)&((EpochWords*)slot.Words)->Epoch & Low), $"epoch of slot {i}, thread {thread}");
                    }
                }
                if (kind != SlotKind.CountLine)
                    continue;
                foreach (long hazard in (long[])[Hazard.AccessOffset, Hazard.PinOffset])
                {
                    Assert.NotEqual(hazard % Line, (long)slot.Words % Line);
                    Assert.NotEqual(hazard % Line, (long)&((RefWords*)slot.Words)->Limit % Line);
                }
            }
            Assert.True(first % Line == 0);
            GC.KeepAlive(run);
        }
    }

    [Theory]
    [InlineData(SlotKind.Count, 32)]
    [InlineData(SlotKind.CountLine, 64)]
    [InlineData(SlotKind.Readers, 64)]
    public void Words_of_a_slot_stay_inside_its_part_of_a_line(object kind, int bytes)
    {
        int size = (SlotKind)kind switch { SlotKind.Count => 4 * sizeof(long), SlotKind.CountLine => sizeof(RefWords), _ => sizeof(EpochWords) };
        var run = new SlotRun(number: 0, (SlotKind)kind);
        for (int i = 0; i < SlotRun.Slots; i++)
        {
            long words = (long)run.SlotAt(i).Words;
            Assert.Equal(words / bytes, (words + size - 1) / bytes);
        }
        GC.KeepAlive(run);
    }
}
