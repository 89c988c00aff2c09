using System.Diagnostics;
using System.Runtime.InteropServices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Epochs;

/// <summary>
/// The store-buffer litmus on real threads: a reader's announcement and its first protected read against the unlink and
/// the scan. A missing fence shows as a block that is read after it was let go. For a second each, whatever the machine.
/// </summary>
public sealed unsafe class EpochLitmusTests
{
    private const long Good = 0x600D, Gone = -1;
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(1);

    [Fact]
    public void I31_a_reader_never_reads_what_a_Synchronize_has_let_go() => Run(static domain => domain.Synchronize());

    [Fact]
    public void I32_a_reader_never_reads_what_a_polled_grace_period_has_let_go() => Run(static domain =>
    {
        EpochCookie cookie = domain.StartGracePeriod();
        while (!domain.HasElapsed(cookie))
            Thread.SpinWait(1);
    });

    [Fact]
    public void I32_a_reader_never_reads_what_was_reclaimed()
    {
        using var domain = new EpochDomain();
        nint shared = (nint)NewBlock();
        using var reading = new Reading(domain, &shared);
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < 500_000 && clock.Elapsed < Long; i++)
        {
            domain.Retire(Interlocked.Exchange(ref shared, (nint)NewBlock()), static old =>
            {
                Volatile.Write(ref *(long*)old, Gone);
                NativeMemory.Free((void*)old);
            });
        }
        reading.Dispose();
        domain.Barrier();
        NativeMemory.Free((void*)shared);
    }

    /// <summary>Swaps two blocks; the one that was swapped out is gone after a grace period, and good again before the next swap.</summary>
    private static void Run(Action<EpochDomain> wait)
    {
        using var domain = new EpochDomain();
        long* hidden = NewBlock();
        nint shared = (nint)NewBlock();
        using (new Reading(domain, &shared))
        {
            var clock = Stopwatch.StartNew();
            do
            {
                long* old = (long*)Interlocked.Exchange(ref shared, (nint)hidden);
                wait(domain);
                Volatile.Write(ref *old, Gone);
                Thread.SpinWait(20);
                Volatile.Write(ref *old, Good);
                hidden = old;
            }
            while (clock.Elapsed < Long);
        }
        NativeMemory.Free(hidden);
        NativeMemory.Free((void*)shared);
    }

    private static long* NewBlock()
    {
        long* block = (long*)NativeMemory.Alloc(64);
        *block = Good;
        return block;
    }

    /// <summary>A thread that reads what is shared, section by section, until disposed.</summary>
    private sealed class Reading : IDisposable
    {
        private readonly Worker _worker;
        private bool _stop;

        internal Reading(EpochDomain domain, nint* shared)
        {
            _worker = new Worker(() =>
            {
                while (!Volatile.Read(ref _stop))
                {
                    for (int i = 0; i < 100; i++)
                    {
                        using EpochReader reader = domain.Enter();
                        long* block = (long*)Volatile.Read(ref *shared);
                        bool good = true;
                        for (int j = 0; j < 100; j++)
                            good &= Volatile.Read(ref *block) == Good;
                        Assert.True(good);
                    }
                }
            });
        }

        public void Dispose()
        {
            Volatile.Write(ref _stop, true);
            _worker.Join();
        }
    }
}
