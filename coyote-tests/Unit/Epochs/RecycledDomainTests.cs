using System.Runtime.CompilerServices;
using Percpu.Memory;
using Percpu.Unit.Support;

namespace Percpu.Unit.Epochs;

/// <summary>A domain whose words were those of another, which was dropped with no end: whatever stands in them is not the new one's.</summary>
public sealed unsafe class RecycledDomainTests
{
    [Fact]
    public void I26_a_domain_on_recycled_words_begins_as_a_new_one_whatever_stands_in_them()
    {
        HashSet<long> used = [];
        List<EpochDomain> kept = [];
        int recycled = 0;
        for (int round = 0; round < 20 && recycled < 100; round++)
        {
            LeaveWords(used);
            Collector.CollectTwice();
            for (int i = 0; i < 200; i++)
            {
                var domain = new EpochDomain();
                kept.Add(domain);
                if (used.Remove((long)EpochState.Words(domain)) && recycled++ < 10)
                    Worker.RunWaiting("what an earlier domain left in the words", () => CheckNew(domain));
            }
        }
        Assert.True(recycled >= 100, $"Only {recycled} words were recycled.");
        kept.ForEach(domain => domain.Dispose());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LeaveWords(HashSet<long> used)
    {
        for (int i = 0; i < 1000; i++)
        {
            var domain = new EpochDomain();
            EpochWords* words = EpochState.Words(domain);
            used.Add((long)words);
            long far = long.MaxValue / 4;
            Atomic.StoreRelease(&words->Elapsed, far);
            Atomic.StoreRelease(&words->Epoch, 0);
            Atomic.StoreRelease(&words->ReclaimLock, 1);
            // Whoever makes the next domain, or any other thread, is not inside a callback of it.
            Atomic.StoreRelease(&words->ReclaimingThread, ThreadIdentity.Current.Id);
            Atomic.StoreRelease(&words->Reclaimer, 1);
            Atomic.StoreRelease(&words->Shared, 1 << 16);
            GC.KeepAlive(domain);
        }
    }

    private static void CheckNew(EpochDomain domain)
    {
        using (var reader = new ParkedReader(domain))
        {
            EpochCookie cookie = domain.StartGracePeriod();
            Assert.False(domain.HasElapsed(cookie));
            reader.Leave();
            Assert.True(domain.HasElapsed(cookie));
        }
        using var reclaimed = new ManualResetEventSlim();
        domain.Retire(reclaimed.Set);
        Worker.Await(reclaimed);
        domain.Synchronize();
        domain.Barrier();
        Assert.Equal(0, domain.Reclaim());
    }
}
