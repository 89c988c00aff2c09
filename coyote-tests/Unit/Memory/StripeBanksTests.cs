using Percpu.Memory;
using Percpu.Unit.Support;

namespace Percpu.Unit.Memory;

public sealed unsafe class StripeBanksTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)] // As where committed memory is charged for: only behind the threads in use.
    public void I76_areas_of_several_banks_have_memory_behind_every_word_also_behind_those_that_come_later(bool byPage)
    {
        const int threads = PerProcess.BankThreads + 70;
        var banks = new StripeBanks(byPage);
        banks.TakeRun();
        for (int i = 0; i < threads; i++)
        {
            Assert.True(banks.TryAdd());
            Assert.Equal(i + 1, banks.Count);
            if (i % 50 == 0)
                banks.TakeRun();
        }
        int last = banks.TakeRun();
        for (int run = 0; run <= last; run++)
        {
            long place = StripeLayout.BytesOf(run);
            for (int i = 0; i < threads; i++)
            {
                *(long*)(banks.AreaAt(i) + place) += 1;
                *(long*)(banks.AreaAt(i) + place + (511 * sizeof(long))) += 1;
            }
        }
        for (int i = 0; i < threads; i++)
            *(long*)banks.HazardsAt(i) += 1;
        Assert.Equal(threads * (last + 1), Sum(banks, last, 0));
        Assert.Equal(threads * (last + 1), Sum(banks, last, 511 * sizeof(long)));
        Assert.Equal(0, Sum(banks, last, 8));
        banks.Release();
        Assert.Equal(0, banks.Count);
    }

    [Fact]
    public void A_walk_gives_each_published_area_once_bank_by_bank()
    {
        var banks = new StripeBanks(byPage: false);
        Assert.Empty(Walk(banks));
        for (int i = 0; i < (2 * PerProcess.BankThreads) + 1; i++)
        {
            Assert.True(banks.TryAdd());
            Assert.Equal(i + 1, Walk(banks).Count);
        }
        Assert.Equal(Enumerable.Range(0, banks.Count).Select(banks.AreaAt).Order(), Walk(banks).Order());
        List<int> indexes = [];
        foreach (AreaWalk.Bank bank in banks.Walk())
        {
            Assert.Equal(banks.HazardsAt(bank.FirstIndex), bank.Hazards);
            for (int i = 0; i < bank.Areas; i++)
            {
                int index = bank.FirstIndex + (i * StripeLayout.Rows);
                Assert.Equal(banks.AreaAt(index), bank.First(0) + (i * StripeLayout.Stride));
                Assert.Equal(banks.HazardsAt(index), bank.Hazards + (i * 64));
                indexes.Add(index);
            }
        }
        Assert.Equal(Enumerable.Range(0, banks.Count), indexes.Order());
        banks.Release();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I76_memory_stands_behind_what_is_in_use_and_a_little_ahead_and_behind_no_more(bool byPage)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells what is committed.");
        long page = Environment.SystemPageSize;
        Assert.SkipWhen(page != 4096, "Rows begin at a page of this size.");
        var banks = new StripeBanks(byPage);
        Assert.True(banks.TryAdd());
        for (int runs = 1; runs <= 17; runs++)
        {
            banks.TakeRun();
            int ahead = runs <= 8 ? 8 : runs <= 16 ? 16 : 24; // At least eight at once.
            // By page: 16 threads of each row, from one page to the end of another.
            long row = (16 * StripeLayout.Stride + page - 1) / page * page;
            Assert.Equal(byPage ? StripeLayout.HazardBytes + ahead * StripeLayout.Rows * row : StripeLayout.BytesOf(ahead), Committed(banks.AreaAt(0), StripeLayout.BytesOf(ahead + 8)));
        }
        banks.Release();
    }

    [Fact]
    public void Of_a_bank_no_page_is_a_huge_one()
    {
        Needs.KernelThatHearsAdvice();
        Smaps.Need();
        var banks = new StripeBanks(byPage: false);
        banks.TakeRun();
        Assert.True(banks.TryAdd());
        string flags = Smaps.Read().Single(each => each.Start <= banks.AreaAt(0) && banks.AreaAt(0) < each.End).Flags;
        banks.Release();
        Assert.Contains(" nh", flags, StringComparison.Ordinal);
    }

    [Fact]
    public void Address_space_is_reserved_without_memory_being_counted_for_it()
    {
        Smaps.Need();
        long page = Environment.SystemPageSize, address = NativeBlocks.Reserve(2 * page);
        Assert.NotEqual(0, address);
        Assert.True(NativeBlocks.Commit(address, page)); // Nor for what is made writable, unless the system counts strictly: then it takes no notice.
        string flags = Smaps.Read().Single(each => each.Start <= address && address < each.End).Flags;
        NativeBlocks.Release(address, 2 * page);
        Assert.SkipWhen(File.ReadAllText("/proc/sys/vm/overcommit_memory").Trim() == "2", "This system counts memory strictly.");
        Assert.Contains(" nr", flags, StringComparison.Ordinal);
        Assert.DoesNotContain(" ac", flags, StringComparison.Ordinal);
    }

    [Fact]
    public void Huge_pages_are_avoided_in_the_range_that_is_given_and_not_beside_it()
    {
        Needs.KernelThatHearsAdvice();
        Smaps.Need();
        long page = Environment.SystemPageSize, address = NativeBlocks.Reserve(8 * page);
        Assert.NotEqual(0, address);
        NativeBlocks.AvoidHugePages(address + (2 * page), 3 * page);
        var avoiding = Smaps.Read().Where(each => each.Flags.Contains(" nh", StringComparison.Ordinal)).ToList();
        NativeBlocks.Release(address, 8 * page);
        Assert.Equal([2, 3, 4], Enumerable.Range(0, 8).Where(i => avoiding.Any(each => each.Start <= address + (i * page) && address + (i * page) < each.End)));
    }

    /// <summary>How many bytes of a range can be written.</summary>
    private static long Committed(long address, long bytes)
    {
        long sum = 0;
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] parts = line.Split(' ', '-');
            long start = Convert.ToInt64(parts[0], 16), end = Convert.ToInt64(parts[1], 16);
            if (parts[2].StartsWith("rw", StringComparison.Ordinal))
                sum += Math.Max(0, Math.Min(end, address + bytes) - Math.Max(start, address));
        }
        return sum;
    }

    private static long Sum(StripeBanks banks, int lastRun, long word)
    {
        long sum = 0;
        for (int run = 0; run <= lastRun; run++)
        {
            long place = StripeLayout.BytesOf(run) + word;
            foreach (long area in Walk(banks))
                sum += *(long*)(area + place);
        }
        return sum;
    }

    private static List<long> Walk(StripeBanks banks)
    {
        List<long> areas = [];
        foreach (AreaWalk.Bank bank in banks.Walk())
        {
            for (long area = bank.First(0); area != bank.End(0); area += StripeLayout.Stride)
                areas.Add(area);
        }
        return areas;
    }
}
