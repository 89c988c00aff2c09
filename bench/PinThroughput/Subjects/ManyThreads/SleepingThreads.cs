namespace Percpu.PinThroughput.Subjects.ManyThreads;

/// <summary>Threads that do something once and then sleep until the process ends. Small stacks: there may be 10,000.</summary>
internal static class SleepingThreads
{
    private const int StackBytes = 64 << 10;

    /// <summary>Starts them and waits until each has done its work.</summary>
    /// <exception cref="NotAvailableException">The system does not give so many.</exception>
    internal static void Start(int count, Action work)
    {
        using var done = new CountdownEvent(count);
        var forever = new ManualResetEvent(false);
        for (int i = 0; i < count; i++)
        {
            StartOne(() =>
            {
                work();
                done.Signal();
                forever.WaitOne();
            }, i, count);
        }
        done.Wait();
    }

    /// <summary>Starts the one after <paramref name="before"/> others of <paramref name="count"/>.</summary>
    /// <exception cref="NotAvailableException">The system does not give it.</exception>
    internal static void StartOne(ThreadStart work, int before, int count)
    {
        try
        {
            new Thread(work, StackBytes) { IsBackground = true }.Start();
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            throw new NotAvailableException($"the system gave {before} threads of {count}: {exception.Message}");
        }
    }
}
