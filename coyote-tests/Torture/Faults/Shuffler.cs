using System.Numerics;
using System.Runtime.Versioning;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Faults;

/// <summary>
/// Moves threads over the processors, sometimes all to one: then a killer can run only by preempting a reader, wherever
/// that reader is. Also changes priorities where it may change them back.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class Shuffler
{
    private readonly FaultDesk _desk;
    private readonly ulong _allowed = LinuxThreads.AllowedProcessors();
    private readonly bool _mayMove;
    private readonly bool _mayRaise;

    internal Shuffler(FaultDesk desk)
    {
        _desk = desk;
        _mayMove = BitOperations.PopCount(_allowed) > 1;
        if (!_mayMove)
            desk.SetNotSupported(Fault.Shuffle, "only one processor is allowed");
        _mayRaise = CanRaisePriority();
        if (!_mayRaise)
            desk.SetNotSupported(Fault.Priority, "no right to raise a priority again");
    }

    internal void Step(Rng random)
    {
        Thread.Sleep(1 + random.Below(_desk.RareMilliseconds));
        List<int> threads = LinuxThreads.All();
        bool crowd = random.OneIn(4);
        ulong one = PickProcessor(random);
        foreach (int thread in threads)
        {
            if (_mayMove && LinuxThreads.TryBind(thread, crowd ? one : random.OneIn(2) ? PickProcessor(random) : _allowed))
                _desk.Fire(Fault.Shuffle);
        }
        if (_mayRaise && LinuxThreads.TrySetNice(threads[random.Below(threads.Count)], random.OneIn(2) ? 0 : random.Below(10)))
            _desk.Fire(Fault.Priority);
        if (!crowd)
            return;
        // Not for long: crowded threads cannot collide in hardware, only by preemption.
        Thread.Sleep(1 + random.Below(20));
        foreach (int thread in LinuxThreads.All())
            LinuxThreads.TryBind(thread, _allowed);
    }

    /// <summary>Every thread anywhere, at its normal priority.</summary>
    internal void Restore()
    {
        foreach (int thread in LinuxThreads.All())
        {
            if (_mayMove)
                LinuxThreads.TryBind(thread, _allowed);
            if (_mayRaise)
                LinuxThreads.TrySetNice(thread, 0);
        }
    }

    private ulong PickProcessor(Rng random)
    {
        ulong left = _allowed;
        for (int skip = random.Below(Math.Max(1, BitOperations.PopCount(_allowed))); skip > 0; skip--)
            left &= left - 1;
        return left & (0 - left);
    }

    private static bool CanRaisePriority()
    {
        // On a thread of its own, since a failing way back would leave it slow for ever.
        bool can = false;
        var thread = new Thread(() => can = LinuxThreads.TrySetNice(0, 1) && LinuxThreads.TrySetNice(0, 0), 128 << 10);
        thread.Start();
        thread.Join();
        return can;
    }
}
