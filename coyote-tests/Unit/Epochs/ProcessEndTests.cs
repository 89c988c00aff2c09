using Percpu.Unit.Support;

namespace Percpu.Unit.Epochs;

public sealed class ProcessEndTests
{
    [Fact]
    public void The_background_thread_does_not_keep_the_process_alive() =>
        Assert.Equal("end\n", Programs.Run("""
            using Percpu;

            var domain = new EpochDomain();
            var inside = new ManualResetEventSlim();
            var running = new ManualResetEventSlim();
            // The thread is in a callback that never returns.
            domain.Retire(() => { running.Set(); Thread.Sleep(Timeout.Infinite); });
            running.Wait();
            // And on another domain it waits for a reader that never leaves.
            var other = new EpochDomain();
            new Thread(() => { using var reader = other.Enter(); inside.Set(); Thread.Sleep(Timeout.Infinite); }) { IsBackground = true }.Start();
            inside.Wait();
            other.Retire(() => { });
            Console.WriteLine("end");
            """).ReplaceLineEndings("\n"));
}
