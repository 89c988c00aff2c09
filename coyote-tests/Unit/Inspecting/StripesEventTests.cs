using Percpu.Programs;
using Percpu.Unit.Support;

namespace Percpu.Unit.Inspecting;

/// <summary>The event that tells the kind of stripes is written when the library is first used, so each test has a process of its own.</summary>
public sealed class StripesEventTests
{
    [Fact]
    public void Who_listens_later_is_told_the_kind_of_stripes_too() => Assert.Contains("StripesChosen 12: thread, Stripes per thread", OwnProcess.RunWith([("PERCPU_STRIPES", "thread")], nameof(LateListener)), StringComparison.Ordinal);

    [Fact]
    public void Who_begins_to_listen_when_the_kind_of_stripes_is_told_hears_it_too() => Assert.Equal("True", OwnProcess.Run(nameof(ListenerDuringEvent)));

    [Fact]
    public void I71_a_listener_that_throws_at_the_first_use_breaks_nothing() => Assert.Contains("held", OwnProcess.Run(nameof(HostileListener)), StringComparison.Ordinal);
}
