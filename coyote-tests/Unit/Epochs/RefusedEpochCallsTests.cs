using Percpu.Unit.Counting;
using Percpu.Unit.Support;

namespace Percpu.Unit.Epochs;

/// <summary>Each argument that is refused is told by its name and value; and of two reasons to refuse a wait, the caller's own is told.</summary>
public sealed class RefusedEpochCallsTests
{
    [Fact]
    public void Arguments_of_domains()
    {
        foreach (TimeSpan after in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromTicks(-1), Timeout.InfiniteTimeSpan, TimeSpan.MinValue])
            Refused.Range("options", after, () => new EpochDomain(new EpochDomainOptions { StallReportAfter = after }));
        foreach (TimeSpan after in (TimeSpan[])[TimeSpan.FromTicks(1), TimeSpan.MaxValue])
            new EpochDomain(new EpochDomainOptions { StallReportAfter = after }).Dispose();
        using var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false });
        using var other = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false });
        Refused.Null("reclaim", () => domain.Retire(null!));
        Refused.Null("reclaim", () => domain.Retire(1, null!));
        Refused.Wrong("cookie", () => domain.HasElapsed(default));
        EpochCookie foreign = other.StartGracePeriod();
        Refused.Wrong("cookie", () => domain.HasElapsed(foreign));
        Assert.True(other.HasElapsed(foreign));
        Assert.Equal(0, domain.RetiredCount);
        domain.Dispose();
        Refused.Null("reclaim", () => domain.Retire(null!));
        Refused.Null("reclaim", () => domain.Retire(1, null!));
        Assert.Throws<ObjectDisposedException>(() => domain.Retire(static () => { }));
        Assert.Throws<ObjectDisposedException>(() => domain.StartGracePeriod());
        Assert.Throws<ObjectDisposedException>(domain.Synchronize);
    }

    [Fact]
    public void I37_inside_a_section_of_a_domain_that_is_being_disposed_a_wait_is_refused_as_one_for_oneself()
    {
        var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false });
        using var reader = new Stepper();
        using Worker disposing = reader.Do(() =>
        {
            using EpochReader section = domain.Enter();
            var worker = new Worker(domain.Dispose); // Waits for this section.
            Worker.AwaitTrue(() => IsClosed(domain));
            Assert.Equal(typeof(InvalidOperationException), Caught.By(domain.Synchronize)?.GetType());
            Assert.Equal(typeof(InvalidOperationException), Caught.By(domain.Barrier)?.GetType());
            Assert.Equal(typeof(InvalidOperationException), Caught.By(domain.Dispose)?.GetType());
            return worker;
        });
    }

    private static bool IsClosed(EpochDomain domain) => Caught.By(() => domain.StartGracePeriod()) is ObjectDisposedException;
}
