namespace Percpu.Programs;

/// <summary>Ends while the background threads of two epoch domains are busy for ever.</summary>
public static class BusyDomains
{
    public static void Run()
    {
        var domain = new EpochDomain();
        var inside = new ManualResetEventSlim();
        var running = new ManualResetEventSlim();
        // The thread is in a callback that never returns.
        domain.Retire(() =>
        {
            running.Set();
            Thread.Sleep(Timeout.Infinite);
        });
        running.Wait();
        // And on another domain it waits for a reader that never leaves.
        var other = new EpochDomain();
        new Thread(() =>
        {
            using EpochReader reader = other.Enter();
            inside.Set();
            Thread.Sleep(Timeout.Infinite);
        }) { IsBackground = true }.Start();
        inside.Wait();
        other.Retire(() => { });
        Console.WriteLine("end");
    }
}
