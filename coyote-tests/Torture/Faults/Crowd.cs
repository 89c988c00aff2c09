using Percpu.Memory;

namespace Percpu.Torture.Faults;

/// <summary>Threads that have counted once and sleep: they take the areas of a bank, so that others find few left.</summary>
internal static class Crowd
{
    private const int StackBytes = 64 << 10;

    internal static int Size { get; private set; }

    /// <summary>Leaves so many areas of the first bank.</summary>
    internal static void LeaveAreas(int left)
    {
        var reference = new PercpuRef();
        while (PerProcess.Stripes.AreaCount < PerProcess.BankThreads - left)
        {
            using var counted = new ManualResetEventSlim();
            new Thread(() =>
            {
                reference.Get();
                reference.Put();
                counted.Set();
                Thread.Sleep(Timeout.Infinite);
            }, StackBytes) { IsBackground = true, Name = "crowd" }.Start();
            counted.Wait();
            Size++;
        }
    }
}
