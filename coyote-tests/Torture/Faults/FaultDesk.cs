using System.Diagnostics;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Faults;

/// <summary>
/// Where threads come by between operations, to be delayed. The shipped source has no hooks, so a delay inside an
/// operation comes from the system only: preemption, collections, moves to other processors.
/// </summary>
internal sealed class FaultDesk(ulong seed, double seconds)
{
    private readonly long[] _fired = new long[(int)Fault.Count];
    private readonly Dictionary<Fault, string> _notSupported = [];
    private int _longSleepWanted;
    private int _stallWanted;
    private volatile bool _stuttering;

    internal ulong Seed { get; } = seed;

    /// <summary>About how long a rare fault lasts or waits, in milliseconds: short runs must see all of them too.</summary>
    internal int RareMilliseconds { get; } = (int)Math.Clamp(seconds * 1000 / 40, 10, 300);

    internal IReadOnlyDictionary<Fault, string> NotSupported => _notSupported;

    internal long Fired(Fault fault) => Volatile.Read(ref _fired[(int)fault]);

    internal void Fire(Fault fault, long times = 1) => Interlocked.Add(ref _fired[(int)fault], times);

    internal void SetNotSupported(Fault fault, string why)
    {
        lock (_notSupported)
            _notSupported[fault] = why;
    }

    /// <summary>Between operations, holding nothing.</summary>
    internal void Point(Member member)
    {
        int roll = Common(member);
        if (roll == 2 && Interlocked.Exchange(ref _longSleepWanted, 0) != 0)
        {
            Fire(Fault.LongSleep);
            Thread.Sleep(1 + member.Random.Below(RareMilliseconds));
        }
    }

    /// <summary>Between operations, holding a reference or inside a read section.</summary>
    internal void Hold(Member member)
    {
        int roll = Common(member);
        if (roll <= 16 && Interlocked.Exchange(ref _stallWanted, 0) != 0)
        {
            Fire(Fault.StalledHolder);
            Thread.Sleep(1 + member.Random.Below(RareMilliseconds));
        }
    }

    internal void WantLongSleep() => Volatile.Write(ref _longSleepWanted, 1);

    internal void WantStall() => Volatile.Write(ref _stallWanted, 1);

    internal void SetStutter(bool on)
    {
        _stuttering = on;
        if (on)
            Fire(Fault.Stutter);
    }

    private int Common(Member member)
    {
        while (_stuttering)
            Thread.Sleep(1);
        int roll = member.Random.Below(256);
        if (roll == 0)
        {
            Fire(Fault.ShortSleep);
            Nap(member.Random.Below(200));
        }
        else if (roll < 16)
        {
            Fire(Fault.Yield);
            Thread.Yield();
        }
        return roll % 32;
    }

    private static void Nap(int microseconds)
    {
        if (OperatingSystem.IsLinux())
        {
            LinuxThreads.Nap(microseconds);
            return;
        }
        long until = Stopwatch.GetTimestamp() + microseconds * Stopwatch.Frequency / 1_000_000;
        while (Stopwatch.GetTimestamp() < until)
            Thread.Sleep(0);
    }
}
