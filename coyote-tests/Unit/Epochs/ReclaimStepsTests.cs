namespace Percpu.Unit.Epochs;

/// <summary>What one call of Reclaim does. Nothing here waits, and no domain is disposed: that would wait for ever where Reclaim leaves
/// something behind.</summary>
public sealed class ReclaimStepsTests
{
    private int _ran;

    [Fact]
    public void What_was_retired_runs_in_the_next_call_once_and_nothing_where_nothing_was()
    {
        EpochDomain domain = Create();
        Assert.Equal(0, domain.Reclaim());
        for (int count = 1; count <= 3; count++)
        {
            Retire(domain, count);
            Assert.Equal(count, domain.RetiredCount);
            Assert.Equal(count, domain.Reclaim());
            Assert.Equal((count, 0), (_ran, domain.RetiredCount));
            Assert.Equal(0, domain.Reclaim());
            _ran = 0;
        }
    }

    [Fact]
    public void I30_what_waits_for_a_reader_and_what_came_after_it_run_in_the_first_call_after_it_has_left()
    {
        EpochDomain domain = Create();
        using (domain.Enter())
        {
            Retire(domain, 2);
            Assert.Equal(0, domain.Reclaim()); // Begins their grace period.
            Retire(domain, 3);
            Assert.Equal(0, domain.Reclaim());
            Assert.Equal((0, 5), (_ran, domain.RetiredCount));
        }
        Assert.Equal(5, domain.Reclaim());
        Assert.Equal((5, 0), (_ran, domain.RetiredCount));
    }

    [Fact]
    public void A_reader_that_came_after_the_retirement_was_seen_holds_up_nothing_of_it()
    {
        EpochDomain domain = Create();
        EpochReader before = domain.Enter();
        Retire(domain, 1);
        Assert.Equal(0, domain.Reclaim());
        before.Dispose();
        using (domain.Enter())
        {
            Retire(domain, 1); // This one waits for it.
            Assert.Equal(1, domain.Reclaim());
        }
        Assert.Equal(1, domain.Reclaim());
    }

    private static EpochDomain Create() => new(new EpochDomainOptions { BackgroundReclaim = false });

    private void Retire(EpochDomain domain, int count)
    {
        for (int i = 0; i < count; i++)
            domain.Retire(() => _ran++);
    }
}
