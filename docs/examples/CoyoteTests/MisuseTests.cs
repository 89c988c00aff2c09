using System.Collections.Concurrent;
using Percpu;
using Percpu.Testing;

namespace CoyoteTests;

/// <summary>Tests that are written wrongly are told what is wrong with them, and neither hang nor end the process.</summary>
public sealed class MisuseTests
{
    private static PercpuRef? s_earlier;

    [Fact]
    public void A_reference_of_an_earlier_iteration_is_told()
    {
        s_earlier = null;
        string report = UnderCoyote.Misuse(() =>
        {
            PercpuRef reference = s_earlier ??= new PercpuRef();
            if (reference.TryGetLive())
                reference.Put();
            return Task.CompletedTask;
        });
        Assert.Contains("touches a word that was not made in this iteration", report, StringComparison.Ordinal);
        Assert.Contains(nameof(A_reference_of_an_earlier_iteration_is_told), report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thread_that_the_test_leaves_waiting_is_told()
    {
        UnderCoyote.MustHold(
            async () =>
            {
                var reference = new PercpuRef();
                var begun = new TaskCompletionSource();
                _ = Task.Run(() =>
                {
                    begun.SetResult();
                    reference.WaitForRelease(Timeout.InfiniteTimeSpan);
                });
                await begun.Task;
                for (int i = 0; i < 5; i++)
                    await Task.Yield();
            },
            iterations: 200);
        Assert.Contains(PercpuTesting.CutOff, text => text.Contains("waits for a release", StringComparison.Ordinal) && text.Contains("in WaitForRelease", StringComparison.Ordinal));
    }

    [Fact]
    public void A_wait_that_Coyote_does_not_control_is_told()
    {
        using var queue = new BlockingCollection<int>();
        string report = UnderCoyote.Misuse(() => UseReference(() => queue.Take()));
        queue.CompleteAdding();
        Assert.Contains("spins or blocks outside", report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_without_a_scheduling_point_is_told()
    {
        using var ends = new CancellationTokenSource();
        string report = UnderCoyote.Misuse(() => UseReference(() => Spin(ends.Token)));
        ends.Cancel();
        Assert.Contains("spins or blocks outside", report, StringComparison.Ordinal);
    }

    private static void Spin(CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            // Nobody else runs meanwhile.
        }
    }

    private static async Task UseReference(Action inside)
    {
        var reference = new PercpuRef();
        Task reader = Task.Run(() =>
        {
            if (!reference.TryGetLive())
                return;
            inside();
            reference.Put();
        });
        Task writer = Task.Run(() =>
        {
            reference.Kill();
            reference.WaitForRelease(Timeout.InfiniteTimeSpan);
        });
        await Task.WhenAll(new[] { reader, writer });
    }
}
