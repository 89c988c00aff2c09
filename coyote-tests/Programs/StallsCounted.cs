using System.Diagnostics;
using Percpu.Pagemap;

namespace Percpu.Programs;

/// <summary>Stalls a release and a reader of epochs, and says whether each report is counted and tells milliseconds.</summary>
public static class StallsCounted
{
    private const string OfReleases = "percpu.ref.stalls", OfReaders = "percpu.epoch.stalls";

    public static void Run()
    {
        using var meter = new MeterHearer();
        var reports = new Lock();
        List<long> readers = [], releases = [];
        using var events = new EventHearer(data =>
        {
            lock (reports)
            {
                if (data.EventName == "StalledReader")
                    readers.Add((long)data.Payload![2]!);
                if (data.EventName == "StalledRelease")
                    releases.Add((long)data.Payload![2]!);
            }
        });
        var clock = Stopwatch.StartNew();
        using var queue = new RequestQueue(new RequestQueueOptions { StallReportAfter = TimeSpan.FromMilliseconds(50) });
        queue.Enter();
        while (meter.Sum(OfReleases) < 2 && clock.ElapsedMilliseconds < 60_000)
            queue.TryFreeze(TimeSpan.FromMilliseconds(300));
        queue.Exit();
        var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false, StallReportAfter = TimeSpan.FromMilliseconds(50) });
        bool leave = false, inside = false;
        var reader = new Thread(() =>
        {
            using EpochReader section = domain.Enter();
            Volatile.Write(ref inside, true);
            while (!Volatile.Read(ref leave))
                Thread.Sleep(1);
        });
        reader.Start();
        SpinWait.SpinUntil(() => Volatile.Read(ref inside));
        domain.Retire(static () => { });
        SpinWait.SpinUntil(() => domain.Reclaim() == 0 && meter.Sum(OfReaders) >= 2, TimeSpan.FromSeconds(60));
        long elapsed = clock.ElapsedMilliseconds;
        Volatile.Write(ref leave, true);
        reader.Join();
        lock (reports)
        {
            bool counted = meter.Sum(OfReaders) == readers.Count && meter.Sum(OfReleases) == releases.Count && readers.Count >= 2 && releases.Count >= 2;
            // Neither ticks nor seconds: from the bound that was asked for up to what has passed in all.
            bool units = readers.Concat(releases).All(milliseconds => milliseconds >= 50 && milliseconds <= elapsed);
            string told = $"{string.Join(' ', readers)}; {string.Join(' ', releases)}; counted {meter.Sum(OfReaders)} and {meter.Sum(OfReleases)} in {elapsed} ms";
            Console.Write(counted && units ? "held" : $"{counted} {units}: {told}");
        }
    }
}
