using System.Collections.Concurrent;
using System.Diagnostics;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Threads;

/// <summary>
/// Thousands of threads that come and go: each takes references, leaves some of them to others, waits until many are
/// alive, puts what it and others took, and ends, while the references are killed, released and revived.
/// </summary>
internal sealed class ThreadsWorkload(Stage stage) : Workload(stage)
{
    /// <summary>So many are alive at once, where the system lets us.</summary>
    private const int Guests = 2_000;

    private const int References = 8, MaxTaken = 4;

    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(60);

    private readonly GuardedReference[] _references = new GuardedReference[References];
    private readonly ConcurrentQueue<GuardedReference> _handedOver = new();
    private volatile TaskCompletionSource _wave = new();
    private int _alive;
    private int _number;
    private long _gets;
    private long _refused;
    private long _lives;

    internal override IReadOnlyList<Tallied> Evidence =>
        [Tallied.ThreadsStarted, Tallied.MostThreadsAlive, Tallied.Kills, Tallied.Reinits, Tallied.HandOvers];

    internal override void Start()
    {
        for (int i = 0; i < References; i++)
            _references[i] = new GuardedReference();
        _lives = References;
        Crew.Start("host", 1, RunHost);
        Crew.Start("killer", 1, RunKiller);
        Crew.Start("relay", 1, RunRelay);
    }

    internal override void Finish(Member end)
    {
        while (TryPutHandedOver())
        {
        }
        foreach (GuardedReference each in _references)
        {
            each.Reference.Dispose();
            Check(each.Reference.WaitForRelease(TimeSpan.FromSeconds(10)), "a reference is not released though nobody holds it");
        }
        long releases = _references.Sum(each => each.Releases);
        Check(releases == _lives, $"{releases} releases of {_lives} lives");
        end.Count(Tallied.Gets, Volatile.Read(ref _gets));
        end.Count(Tallied.Refused, Volatile.Read(ref _refused));
    }

    /// <summary>Starts threads in waves: all of a wave wait for its last one, and then end while the next one begins.</summary>
    private void RunHost(Member member)
    {
        while (!Crew.Stopping)
        {
            if (Volatile.Read(ref _alive) < Guests && Crew.TryStartGuest(RunGuest))
            {
                Interlocked.Increment(ref _alive);
                member.Count(Tallied.ThreadsStarted);
                continue;
            }
            // As many as there shall be, or as the system gives: they have waited for this.
            int alive = Volatile.Read(ref _alive);
            if (alive > member.Tally(Tallied.MostThreadsAlive))
                member.CountMax(Tallied.MostThreadsAlive, alive);
            EndWave();
            while (!Crew.Stopping && Volatile.Read(ref _alive) > Guests / 8)
                Thread.Sleep(1);
        }
        EndWave();
    }

    private void EndWave()
    {
        TaskCompletionSource wave = _wave;
        _wave = new TaskCompletionSource();
        wave.SetResult();
    }

    private void RunGuest()
    {
        try
        {
            var random = new Rng(Stage.Seed, 1_000 + Interlocked.Increment(ref _number));
            Task wave = _wave.Task;
            Span<int> held = stackalloc int[MaxTaken];
            int count = 0, gets = 0, refused = 0;
            for (int i = 0; i < MaxTaken; i++)
            {
                int index = random.Below(References);
                if (!_references[index].Reference.TryGetLive())
                {
                    refused++;
                    continue;
                }
                gets++;
                CheckHeld(index);
                held[count++] = index;
            }
            while (!Crew.Stopping && !wave.Wait(10_000)) // Seldom: looks of two thousand threads are work for the processors.
            {
            }
            for (; count > 0; count--)
            {
                int index = held[count - 1];
                CheckHeld(index);
                if (random.OneIn(2))
                    _handedOver.Enqueue(_references[index]);
                else
                    _references[index].Reference.Put();
            }
            TryPutHandedOver();
            Interlocked.Add(ref _gets, gets);
            Interlocked.Add(ref _refused, refused);
        }
        finally
        {
            Interlocked.Decrement(ref _alive);
        }
    }

    private void RunKiller(Member member)
    {
        while (!Crew.Stopping)
        {
            GuardedReference each = _references[member.Random.Below(References)];
            long start = Stopwatch.GetTimestamp();
            each.Reference.Kill();
            member.CountMax(Tallied.LongestKillMicroseconds, (long)Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            member.Count(Tallied.Kills);
            Check(!each.Reference.TryGetLive(), "TryGetLive succeeded after the kill had returned", member);
            while (!each.Reference.WaitForRelease(TimeSpan.FromMilliseconds(20)))
            {
                if (Crew.Stopping)
                    return; // What is still held is put at the end, and the life ends there.
                if (Stopwatch.GetElapsedTime(start) < ReleasePatience)
                    continue;
                Check(false, $"a killed reference was not released in {ReleasePatience.TotalSeconds} s", member);
                return;
            }
            Check(each.IsReleased, "released, but its callback has not run", member);
            each.Revive();
            Interlocked.Increment(ref _lives);
            member.Count(Tallied.Reinits);
            Stage.Faults.Point(member);
        }
    }

    private void RunRelay(Member member)
    {
        while (!Crew.Stopping)
        {
            if (!TryPutHandedOver(member))
                Thread.Sleep(1);
            Stage.Faults.Point(member);
        }
    }

    private bool TryPutHandedOver(Member? member = null)
    {
        if (!_handedOver.TryDequeue(out GuardedReference? each))
            return false;
        Check(!each.IsReleased, "holds a reference that was handed over, and it is released");
        if (member is not null)
        {
            member.Count(Tallied.HandOvers);
            Stage.Faults.Hold(member);
        }
        each.Reference.Put();
        return true;
    }

    private void CheckHeld(int index) => Check(!_references[index].IsReleased, $"holds reference {index}, and it is released");
}
