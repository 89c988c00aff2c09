using System.Runtime.CompilerServices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Epochs;

/// <summary>Sections that are counted in the domain's shared word, as those of a thread for whose stripes there is no memory.</summary>
public sealed unsafe class SharedSectionTests
{
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "EnterShared")]
    private static extern long EnterShared(EpochDomain domain);

    [Fact]
    public void I30_a_grace_period_waits_until_every_shared_section_was_left() => Worker.Run(() =>
    {
        var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false }); // Not disposed: that would wait for a section that stays.
        EpochReader first = Enter(domain), second = Enter(domain);
        EpochCookie cookie = domain.StartGracePeriod();
        Assert.False(domain.HasElapsed(cookie));
        Assert.Throws<InvalidOperationException>(domain.Synchronize);
        first.Dispose();
        Assert.False(domain.HasElapsed(cookie));
        Assert.Throws<InvalidOperationException>(domain.Synchronize);
        second.Dispose();
        Assert.True(domain.HasElapsed(cookie));
        domain.Synchronize();
    });

    [Fact]
    public void I30_a_shared_section_that_is_left_through_a_copy_too_is_told_and_the_next_one_counts_all_the_same() => Worker.Run(() =>
    {
        var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false }); // Not disposed: that would wait for a section that stays.
        for (int i = 0; i < 3; i++)
        {
            EpochReader reader = Enter(domain), copy = reader;
            EpochCookie cookie = domain.StartGracePeriod();
            Assert.False(domain.HasElapsed(cookie));
            reader.Dispose();
            reader.Dispose(); // The same variable: nothing.
            Assert.True(domain.HasElapsed(cookie));
            bool told = false;
            try
            {
                copy.Dispose();
            }
            catch (InvalidOperationException)
            {
                told = true;
            }
            Assert.True(told);
            Assert.True(domain.HasElapsed(domain.StartGracePeriod()), "Somebody passes for inside.");
        }
    });

    private static EpochReader Enter(EpochDomain domain) => new(domain, (long*)EnterShared(domain));
}
