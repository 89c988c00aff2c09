extern alias interleavings;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;
using interleavings::Percpu.Interleavings.Running;

namespace Percpu.Unit.Explorer;

/// <summary>An exploration borrows one processor and gives it back.</summary>
public sealed class OneProcessorTests
{
    [Fact]
    public void An_exploration_leaves_its_thread_as_free_as_it_was()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Threads are bound on Linux only.");
        OnThreadOfItsOwn(() =>
        {
            string before = AllowedProcessors();
            Assert.Equal("held", ScenarioRunner.Run("put-kill-1", "sc").Verdict);
            Assert.Equal(before, AllowedProcessors());
        });
    }

    [Fact]
    public void A_claim_binds_its_thread_to_a_single_processor()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Threads are bound on Linux only.");
        OnThreadOfItsOwn(() =>
        {
            string before = AllowedProcessors();
            OneProcessor claim = OneProcessor.Claim()!;
            string bound = AllowedProcessors();
            claim.Release();
            Assert.Matches("^[0-9]+$", bound);
            Assert.Equal(before, AllowedProcessors());
        });
    }

    private static string AllowedProcessors() =>
        File.ReadLines("/proc/thread-self/status").First(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split(':')[1].Trim();

    private static void OnThreadOfItsOwn(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(action));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }
}
