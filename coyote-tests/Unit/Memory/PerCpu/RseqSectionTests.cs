using System.Runtime.InteropServices;
using Percpu.Memory;
using Percpu.Unit.Support;

namespace Percpu.Unit.Memory.PerCpu;

/// <summary>The section itself, on this machine.</summary>
public sealed unsafe class RseqSectionTests
{
    private readonly RseqSection? _section;
    private readonly RseqPlace _place;

    public RseqSectionTests()
    {
        StripeChoiceTests.NeedsRseq();
        var system = new MissingSystem();
        Assert.Null(RseqPlace.Find(system, out _place));
        Assert.Null(RseqSection.TryCreate(system, _place, out _section));
    }

    [Fact]
    public void The_self_test_holds_here_and_leaves_no_area_behind()
    {
        Assert.Null(RseqSelfTest.Run(new MissingSystem(), _section!));
        Assert.All(new Span<long>(_section!.Areas, _section.Count).ToArray(), area => Assert.Equal(0, area));
        Assert.NotEqual(0, *_section.Restarts);
    }

    [Fact]
    public void I77_No_increment_is_lost_across_migration_preemption_signals_and_collections()
    {
        const int threads = 8, rounds = 300_000, words = 64;
        long* areas = (long*)NativeMemory.AllocZeroed((nuint)(_section!.Count * words), sizeof(long));
        long* mode = (long*)NativeMemory.AllocZeroed(1, sizeof(long));
        *mode = 3 * sizeof(long) | StripeLayout.Flag;
        for (int i = 0; i < _section.Count; i++)
            _section.Areas[i] = (long)(areas + i * words) | StripeLayout.Flag;
        long done = 0;
        bool stop = false;
        // Eight threads on fewer processors, whose collections stop them by signals, and fences.
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            long own = 0;
            for (int i = 0; i < rounds; i++)
            {
                if (_section.Add(mode, 2) != 0)
                    own += 2;
                if (_section.Add(mode, -1) != 0)
                    own--;
            }
            Interlocked.Add(ref done, own);
        })).ToArray();
        var disturber = new Thread(() =>
        {
            var system = new MissingSystem();
            while (!Volatile.Read(ref stop))
            {
                system.RestartSections();
                GC.Collect(0);
                Thread.Sleep(0);
            }
        });
        disturber.Start();
        foreach (Thread worker in workers)
            worker.Start();
        foreach (Thread worker in workers)
            Assert.True(worker.Join(TimeSpan.FromMinutes(2)), "A worker has not ended in two minutes.");
        Volatile.Write(ref stop, true);
        Assert.True(disturber.Join(TimeSpan.FromMinutes(1)), "The disturber has not ended in a minute.");
        long sum = 0;
        for (int i = 0; i < _section.Count; i++)
            sum += areas[i * words + 3];
        Assert.Equal(done, sum);
        Assert.Equal((long)threads * rounds, done); // None was refused.
        NativeMemory.Free(areas);
        NativeMemory.Free(mode);
    }

    [Fact]
    public void I77_A_section_that_is_interrupted_for_ever_is_refused_with_nothing_changed()
    {
        long* words = (long*)NativeMemory.AllocZeroed(64, sizeof(long));
        words[0] = 8 * sizeof(long) | StripeLayout.Flag;
        new Span<long>(_section!.Areas, _section.Count).Fill((long)words | StripeLayout.Flag);
        bool stop = false;
        var disturber = new Thread(() =>
        {
            var system = new MissingSystem();
            while (!Volatile.Read(ref stop))
                system.RestartSections();
        });
        disturber.Start();
        // The gate never opens: it ends when it was restarted a thousand times, or has waited for about a second each time.
        int result = _section.Probe(words, 1, words + 16);
        Volatile.Write(ref stop, true);
        Assert.True(disturber.Join(TimeSpan.FromMinutes(1)), "The disturber has not ended in a minute.");
        Assert.Equal(0, result);
        Assert.Equal(0, words[8]);
        NativeMemory.Free(words);
    }

    [Fact]
    public void I77_A_probe_whose_gate_stays_shut_is_refused_after_a_while_with_nothing_changed() => Worker.RunWaiting("a gate that nobody opens", () =>
    {
        long* words = (long*)NativeMemory.AllocZeroed(64, sizeof(long));
        words[0] = 8 * sizeof(long) | StripeLayout.Flag;
        new Span<long>(_section!.Areas, _section.Count).Fill((long)words | StripeLayout.Flag);
        Assert.Equal(0, _section.Probe(words, 1, words + 16));
        Assert.Equal(0, words[8]);
        Assert.NotEqual(0, words[17]); // It has looked.
        NativeMemory.Free(words);
    });

    [Theory]
    [InlineData(~0L)]
    [InlineData(~33_000_000L)]
    public void An_atomic_mode_is_refused(long mode)
    {
        long* words = (long*)NativeMemory.AllocZeroed(64, sizeof(long));
        new Span<long>(_section!.Areas, _section.Count).Fill((long)words | StripeLayout.Flag);
        words[0] = mode;
        Assert.Equal(0, _section.Add(words, 1));
        Assert.All(new Span<long>(words + 1, 63).ToArray(), word => Assert.Equal(0, word));
        NativeMemory.Free(words);
    }

    [Fact]
    public void A_processor_without_an_area_is_refused()
    {
        long mode = 64 | StripeLayout.Flag;
        Assert.Equal(0, _section!.Add(&mode, 1));
        Assert.Equal(64 | StripeLayout.Flag, mode);
    }

    [Fact]
    public void An_index_beyond_the_table_is_refused()
    {
        long* words = (long*)NativeMemory.AllocZeroed(64, sizeof(long));
        words[0] = 64 | StripeLayout.Flag;
        Assert.Null(RseqSection.TryCreate(new MissingSystem(), _place with { Count = 0 }, out RseqSection? none));
        Assert.Equal(0, none!.Add(words, 1));
        Assert.Equal(0, words[8]);
        NativeMemory.Free(words);
    }

    [Fact]
    public void A_thread_whose_struct_says_unregistered_is_refused()
    {
        long* words = (long*)NativeMemory.AllocZeroed(64, sizeof(long));
        words[0] = 64 | StripeLayout.Flag;
        // The place of cpu_id is read where this thread's "-1" stands: a word of memory that the kernel does not fill, found by
        // its distance from this thread's struct. What the kernel reads as the section's pointer then is never seen by it.
        long* fake = (long*)NativeMemory.AlignedAlloc(64, 64);
        new Span<long>(fake, 8).Fill(-1);
        Assert.SkipUnless(TryDistance(fake, out int distance), "No memory near enough to this thread's struct.");
        Assert.Null(RseqSection.TryCreate(new MissingSystem(), _place with { Offset = distance }, out RseqSection? section));
        new Span<long>(section!.Areas, section.Count).Fill((long)words | StripeLayout.Flag);
        Assert.Equal(0, section.Add(words, 1));
        Assert.Equal(0, words[8]);
        NativeMemory.AlignedFree(fake);
        NativeMemory.Free(words);
    }

    private static bool TryDistance(long* word, out int distance)
    {
        // glibc's thread control block begins with its own address, on x64.
        distance = 0;
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return false;
        long self = ThreadSelf();
        long far = (long)word - self;
        distance = (int)far;
        return far == distance;
    }

    private static long ThreadSelf() => (long)PthreadSelf();

    [DllImport("libc", EntryPoint = "pthread_self")]
    private static extern nint PthreadSelf();
}
