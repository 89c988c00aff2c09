using Percpu.Unit.Support;

namespace Percpu.Unit.Epochs;

public sealed class NestingTests
{
    [Fact]
    public void I33_sections_nest_to_65535_and_one_more_throws_and_changes_nothing()
    {
        using var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false });
        // On a thread of its own: a failure must not leave this one inside.
        Worker.Run(() =>
        {
            EpochReader outermost = domain.Enter();
            for (int depth = 2; depth <= 65_535; depth++)
                domain.Enter();
            for (int i = 0; i < 2; i++)
            {
                var exception = Assert.Throws<InvalidOperationException>(() => domain.Enter());
                Assert.Contains("65535", exception.Message, StringComparison.Ordinal);
            }

            EpochCookie cookie = domain.StartGracePeriod();
            for (int depth = 65_535; depth > 1; depth--)
            {
                EpochReader copy = outermost; // Every section of a thread is the same word.
                copy.Dispose();
            }
            Assert.False(domain.HasElapsed(cookie));
            outermost.Dispose();
            Assert.True(domain.HasElapsed(cookie));
        });
    }

    [Fact]
    public void I33_sections_of_one_thread_may_be_left_in_any_order()
    {
        using var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false });
        EpochReader first = domain.Enter();
        EpochReader second = domain.Enter();
        EpochCookie cookie = domain.StartGracePeriod();

        first.Dispose();
        Assert.False(domain.HasElapsed(cookie));
        second.Dispose();
        Assert.True(domain.HasElapsed(cookie));
    }

    [Fact]
    public void Disposing_the_same_variable_twice_leaves_once()
    {
        using var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false });
        using EpochReader outer = domain.Enter();
        EpochReader inner = domain.Enter();
        inner.Dispose();
        inner.Dispose();

        Assert.False(domain.HasElapsed(domain.StartGracePeriod()));
    }

    [Fact]
    public void Leaving_through_a_copy_as_well_throws()
    {
        using var domain = new EpochDomain();
        EpochReader reader = domain.Enter();
        EpochReader copy = reader;
        reader.Dispose();

        InvalidOperationException? thrown = null;
        try
        {
            copy.Dispose();
        }
        catch (InvalidOperationException exception)
        {
            thrown = exception;
        }
        Assert.NotNull(thrown);
        domain.Synchronize(); // Nobody is inside.
    }

    [Fact]
    public void A_reader_that_was_never_entered_leaves_nothing()
    {
        EpochReader none = default;
        none.Dispose();
        none.Dispose();
    }

    [Fact]
    public void I24_entering_and_leaving_allocates_nothing()
    {
        using var domain = new EpochDomain();
        domain.Enter().Dispose();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            using EpochReader outer = domain.Enter();
            using EpochReader inner = domain.Enter();
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
