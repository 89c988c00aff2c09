using System.Runtime.InteropServices;

namespace Percpu.Interleavings.Model;

/// <summary>
/// Hands the right to run from one thread to another. Where the two share a processor (<see cref="OneProcessor"/>) the
/// receiver sleeps at once; elsewhere it first spins for a moment, as long as that has paid lately.
/// </summary>
internal sealed unsafe class Baton
{
    private const int Nothing = 0, Given = 1, Asleep = 2;
    private const int Spins = 100, MaxScore = 16, ProbeEvery = 512;
    private const int FutexWaitPrivate = 128, FutexWakePrivate = 129;

    private static readonly long FutexCall = !OperatingSystem.IsLinux() ? 0 : RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 => 98,
        _ => 0,
    };

    private readonly object _monitor = new();
    private readonly int[] _state = GC.AllocateArray<int>(16, pinned: true);
    private readonly int* _address;
    private int _score;
    private int _takes;

    internal Baton()
        : this(spins: Environment.ProcessorCount > 1 && !OperatingSystem.IsLinux())
    {
    }

    internal Baton(bool spins)
    {
        _score = spins ? MaxScore : -1;
        fixed (int* address = _state)
            _address = address;
    }

    internal void Give()
    {
        if (Interlocked.Exchange(ref *_address, Given) != Asleep)
            return;
        if (FutexCall != 0)
        {
            SystemCallWithoutWaiting(FutexCall, _address, FutexWakePrivate, 1, 0, 0, 0);
            return;
        }
        lock (_monitor)
            Monitor.Pulse(_monitor);
    }

    internal void Take()
    {
        if (!TrySpin() && Interlocked.CompareExchange(ref *_address, Asleep, Nothing) == Nothing)
            Sleep();
        Volatile.Write(ref *_address, Nothing);
    }

    /// <summary>Spins, if that pays, until the baton is given; false if it was not seen.</summary>
    internal bool TrySpin()
    {
        if (_score <= 0 && (_score < 0 || ++_takes % ProbeEvery != 0))
            return false;
        for (int i = 0; i < Spins; i++)
        {
            if (Volatile.Read(ref *_address) == Given)
            {
                _score = Math.Min(MaxScore, _score + 1);
                return true;
            }
            Thread.SpinWait(1);
        }
        _score = Math.Max(0, _score - 2);
        return false;
    }

    private void Sleep()
    {
        if (FutexCall != 0)
        {
            while (Volatile.Read(ref *_address) == Asleep)
                SystemCall(FutexCall, _address, FutexWaitPrivate, Asleep, 0, 0, 0);
            return;
        }
        lock (_monitor)
        {
            while (Volatile.Read(ref *_address) == Asleep)
                Monitor.Wait(_monitor);
        }
    }

    [DllImport("libc", EntryPoint = "syscall")]
    private static extern long SystemCall(long number, int* address, long operation, long value, nint timeout, nint address2, long value3);

    [DllImport("libc", EntryPoint = "syscall")]
    [SuppressGCTransition]
    private static extern long SystemCallWithoutWaiting(long number, int* address, long operation, long value, nint timeout, nint address2, long value3);
}
