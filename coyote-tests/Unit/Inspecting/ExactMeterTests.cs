using Percpu.Programs;
using Percpu.Unit.Support;

namespace Percpu.Unit.Inspecting;

/// <summary>What the meter and the events count, exactly, in a process where nobody else adds to it.</summary>
public sealed class ExactMeterTests
{
    [Fact]
    public void Kills_releases_and_misuses_are_counted_one_by_one() => Assert.Equal("kills 7, releases 6, misuses 1, drops 0", OwnProcess.Run(nameof(KillsCounted)));

    [Fact]
    public void A_reference_that_is_dropped_is_counted_once() => Assert.Equal("drops 1", OwnProcess.Run(nameof(DropCounted)));

    [Fact]
    public void The_event_of_a_kill_tells_in_microseconds_what_the_histogram_tells_in_seconds() => Assert.Equal("1 of 1, 1 of 3: held", OwnProcess.Run(nameof(KillsTimed)));

    [Fact]
    public void Each_report_of_a_stall_is_counted_and_tells_milliseconds() => Assert.Equal("held", OwnProcess.Run(nameof(StallsCounted)));
}
