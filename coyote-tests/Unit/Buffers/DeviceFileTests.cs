using Percpu.Programs;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>Devices that have no length. In a process of their own: tests beside these have the same devices mapped.</summary>
public sealed class DeviceFileTests
{
    [Fact]
    public void I63_a_device_is_mapped_where_its_length_is_told_or_refused_and_nothing_is_left_of_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Devices of Linux.");
        Assert.Contains("held", OwnProcess.Run(nameof(DevicesAsFiles)), StringComparison.Ordinal);
    }
}
