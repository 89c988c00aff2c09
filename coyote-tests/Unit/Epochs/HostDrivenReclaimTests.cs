namespace Percpu.Unit.Epochs;

public sealed class HostDrivenReclaimTests
{
    private static readonly EpochDomainOptions HostDriven = new() { BackgroundReclaim = false };

    [Fact]
    public void Callbacks_run_in_Reclaim_on_the_calling_thread_in_the_order_of_retiring()
    {
        using var domain = new EpochDomain(HostDriven);
        var order = new List<int>();
        int thread = 0;
        for (int i = 0; i < 5; i++)
        {
            domain.Retire(i, state =>
            {
                order.Add(state);
                thread = Environment.CurrentManagedThreadId;
            });
        }
        Assert.Empty(order);
        Assert.Equal(5, domain.Reclaim());
        Assert.Equal([0, 1, 2, 3, 4], order);
        Assert.Equal(Environment.CurrentManagedThreadId, thread);
        Assert.Equal(0, domain.Reclaim());
    }

    [Fact]
    public void Without_background_reclaim_no_thread_is_started()
    {
        using var domain = new EpochDomain(HostDriven);
        domain.Retire(() => { });
        Assert.Equal(0, EpochState.Reclaimer(domain));
        using (domain.Enter())
            domain.Reclaim();
        domain.Barrier();
        Assert.Equal(0, EpochState.Reclaimer(domain));
    }

    [Fact]
    public void A_callback_that_retires_itself_does_not_keep_Reclaim_or_Barrier_for_ever()
    {
        using var domain = new EpochDomain(HostDriven);
        int runs = 0;
        void Again()
        {
            if (++runs < 10_000)
                domain.Retire(Again);
        }
        domain.Retire(Again);
        domain.Reclaim();
        Assert.InRange(runs, 1, 10);
        domain.Barrier();
        Assert.InRange(runs, 2, 20);
        while (domain.Reclaim() > 0)
        {
        }
        Assert.Equal(10_000, runs);
    }

    [Fact]
    public void What_a_callback_retires_is_reclaimed_by_a_later_call()
    {
        using var domain = new EpochDomain(HostDriven);
        bool second = false;
        domain.Retire(() => domain.Retire(() => second = true));
        domain.Barrier();
        domain.Barrier();
        Assert.True(second);
    }

    [Fact]
    public void Reclaim_inside_a_read_section_does_not_run_what_was_retired_in_it()
    {
        using var domain = new EpochDomain(HostDriven);
        bool ran = false;
        using (domain.Enter())
        {
            domain.Retire(() => ran = true);
            Assert.Equal(0, domain.Reclaim());
        }
        Assert.False(ran);
        Assert.Equal(1, domain.Reclaim());
    }

    [Fact]
    public void A_null_callback_is_refused()
    {
        using var domain = new EpochDomain(HostDriven);
        Assert.Throws<ArgumentNullException>("reclaim", () => domain.Retire(null!));
        Assert.Throws<ArgumentNullException>("reclaim", () => domain.Retire(1, null!));
        Assert.Equal(0, domain.Reclaim());
    }
}
