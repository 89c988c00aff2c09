extern alias interleavings;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;
using interleavings::Percpu.Interleavings.Running;
using Percpu.Unit.Support;

namespace Percpu.Unit.Explorer;

/// <summary>An exploration borrows one processor and gives it back.</summary>
public sealed class OneProcessorTests
{
    [Fact]
    public void An_exploration_leaves_its_thread_as_free_as_it_was()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Threads are bound on Linux only.");
        OnThreadOfItsOwn(() =>
        {
            string before = AllowedProcessors();
            Assert.Equal("held", ScenarioRunner.Run("put-kill-1", "sc").Verdict);
            Assert.Equal(before, AllowedProcessors());
        });
    }

    [Fact]
    public void A_claim_binds_its_thread_to_a_single_processor()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Threads are bound on Linux only.");
        OnThreadOfItsOwn(() =>
        {
            string before = AllowedProcessors();
            OneProcessor claim = OneProcessor.Claim()!;
            string bound = AllowedProcessors();
            claim.Release();
            Assert.Matches("^[0-9]+$", bound);
            Assert.Equal(before, AllowedProcessors());
        });
    }

    [Fact]
    public void The_processor_is_one_that_the_fewest_claim_of_those_allowed_and_that_of_the_thread_before_others()
    {
        const int Words = 3, Processors = Words * 64;
        var random = new Random(20261129);
        var allowed = new ulong[Words];
        var claims = new int[Processors];
        int stayed = 0;
        for (int i = 0; i < 2_000; i++)
        {
            int most = random.Next(1, 4);
            for (int word = 0; word < Words; word++)
                allowed[word] = random.Next(3) == 0 ? 0 : (ulong)(random.NextInt64() & random.NextInt64() & random.NextInt64()) | (random.Next(4) == 0 ? 1UL << 63 : 0);
            if (allowed.AsSpan().IndexOfAnyExcept(0UL) < 0)
                allowed[random.Next(Words)] = 1UL << random.Next(64);
            for (int number = 0; number < Processors; number++)
                claims[number] = random.Next(most);
            int[] all = [.. Enumerable.Range(0, Processors).Where(number => (allowed[number / 64] & 1UL << number % 64) != 0)];
            int current = random.Next(2) == 0 ? all[random.Next(all.Length)] : random.Next(-2, Processors + 3);
            int expected = all.OrderBy(number => claims[number]).ThenBy(number => number == current ? 0 : 1).ThenBy(number => number).First();
            Assert.Equal(expected, OneProcessor.LeastClaimed(allowed, claims, current));
            stayed += expected == current ? 1 : 0;
        }
        Assert.True(stayed > 100, "The thread's own is hardly ever chosen: it says nothing.");
    }

    [Fact]
    public void A_mask_allows_the_one_processor()
    {
        var mask = new ulong[16];
        foreach ((int number, int word, ulong bits) in ((int, int, ulong)[])[(0, 0, 1), (1, 0, 2), (63, 0, 1UL << 63), (64, 1, 1), (200, 3, 256), (1_023, 15, 1UL << 63)])
        {
            mask.AsSpan().Fill(ulong.MaxValue);
            OneProcessor.FillMask(mask, number);
            ulong[] expected = new ulong[16];
            expected[word] = bits;
            Assert.Equal(expected, mask);
        }
    }

    private static string AllowedProcessors() =>
        File.ReadLines("/proc/thread-self/status").First(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split(':')[1].Trim();

    private static void OnThreadOfItsOwn(Action action) => Worker.RunWaiting("a processor", action);
}
