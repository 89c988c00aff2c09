using Percpu.Programs;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>A map needs no file descriptor. In a process of its own, where nobody else opens files.</summary>
public sealed class DescriptorTests
{
    /// <summary>The runtime keeps two descriptors for each assembly that it loads, so the first map must not need many.</summary>
    [Fact]
    public void A_thousand_maps_keep_no_descriptor_and_the_first_brings_few_assemblies()
    {
        ThreadStripes.Need();
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Descriptors of Linux.");
        string written = OwnProcess.Run(nameof(MapsByThousands));
        Assert.True(written.Contains("held", StringComparison.Ordinal), written);
    }
}
