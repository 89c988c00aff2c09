using Percpu.Unit.Support;

namespace Percpu.Unit.Epochs;

public sealed class CookieTests
{
    private static readonly EpochDomainOptions HostDriven = new() { BackgroundReclaim = false };

    [Fact]
    public void A_grace_period_that_elapsed_stays_elapsed_whoever_enters_later()
    {
        using var domain = new EpochDomain(HostDriven);
        EpochCookie cookie = domain.StartGracePeriod();
        Assert.True(domain.HasElapsed(cookie));

        using var reader = new ParkedReader(domain);
        EpochCookie next = domain.StartGracePeriod();
        Assert.True(domain.HasElapsed(cookie));
        Assert.False(domain.HasElapsed(next));
        Assert.True(domain.HasElapsed(cookie));
    }

    [Fact]
    public void When_a_later_grace_period_has_elapsed_so_have_all_before()
    {
        using var domain = new EpochDomain(HostDriven);
        var reader = new ParkedReader(domain);
        EpochCookie[] cookies = [.. Enumerable.Range(0, 100).Select(_ => domain.StartGracePeriod())];
        Assert.All(cookies, cookie => Assert.False(domain.HasElapsed(cookie)));

        reader.Leave();
        Assert.True(domain.HasElapsed(cookies[^1]));
        using var later = new ParkedReader(domain);
        Assert.All(cookies, cookie => Assert.True(domain.HasElapsed(cookie)));
    }

    [Fact]
    public void Beginning_a_grace_period_inside_a_read_section_is_legal_and_it_elapses_afterwards()
    {
        using var domain = new EpochDomain(HostDriven);
        EpochCookie cookie;
        using (domain.Enter())
        {
            cookie = domain.StartGracePeriod();
            Assert.False(domain.HasElapsed(cookie));
        }
        Assert.True(domain.HasElapsed(cookie));
    }

    [Fact]
    public void A_cookie_of_another_domain_or_of_none_is_refused()
    {
        using var domain = new EpochDomain(HostDriven);
        using var other = new EpochDomain(HostDriven);

        Assert.Throws<ArgumentException>("cookie", () => domain.HasElapsed(other.StartGracePeriod()));
        Assert.Throws<ArgumentException>("cookie", () => domain.HasElapsed(default));
    }

    [Fact]
    public void A_cookie_can_be_asked_after_the_domain_was_disposed()
    {
        var domain = new EpochDomain(HostDriven);
        EpochCookie cookie = domain.StartGracePeriod();
        domain.Dispose();
        Assert.True(domain.HasElapsed(cookie));
    }

    [Fact]
    public async Task SynchronizeAsync_completes_when_the_readers_have_left()
    {
        using var domain = new EpochDomain(HostDriven);
        await domain.SynchronizeAsync(TestContext.Current.CancellationToken);

        using var reader = new ParkedReader(domain);
        Task elapsed = domain.SynchronizeAsync(TestContext.Current.CancellationToken);
        Assert.False(elapsed.IsCompleted);
        reader.Leave();
        await elapsed;
    }

    [Fact]
    public async Task SynchronizeAsync_can_be_cancelled()
    {
        using var domain = new EpochDomain(HostDriven);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => domain.SynchronizeAsync(new CancellationToken(canceled: true)));

        using var reader = new ParkedReader(domain);
        using var source = new CancellationTokenSource();
        Task elapsed = domain.SynchronizeAsync(source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => elapsed);
    }
}
