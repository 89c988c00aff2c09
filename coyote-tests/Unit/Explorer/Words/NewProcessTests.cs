using Percpu.Interleavings;
using Percpu.Programs;
using Percpu.Unit.Support;

namespace Percpu.Unit.Explorer.Words;

/// <summary>What crosses from one process to the next: a trace, as text.</summary>
public sealed class NewProcessTests
{
    [Fact]
    public void I81_a_trace_replays_in_a_process_of_its_own()
    {
        string trace = OwnProcess.Run(nameof(MessageTrace), "");
        Assert.StartsWith("message:0:arm64:", trace, StringComparison.Ordinal);
        Assert.Equal("check: The flag came first.", OwnProcess.Run(nameof(MessageTrace), trace));
    }

    [Fact]
    public void A_process_that_explores_nothing_says_how_to_switch_it_on()
    {
        string written = OwnProcess.Run(nameof(ExploringSwitchedOff));
        Assert.Contains("<PercpuInterleavings>true</PercpuInterleavings>", written, StringComparison.Ordinal);
        Assert.Contains(Exploring.SwitchName, written, StringComparison.Ordinal);
    }
}
