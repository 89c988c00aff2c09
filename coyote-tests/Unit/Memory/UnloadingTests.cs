using Percpu.Programs;
using Percpu.Unit.Support;

namespace Percpu.Unit.Memory;

/// <summary>A host loads a plug-in that uses the library into a collectible load context, and unloads it.</summary>
public sealed class UnloadingTests
{
    [Theory]
    [InlineData(nameof(MemoryPlugin))]
    [InlineData(nameof(DevicePlugin))]
    public void I80_unloading_gives_back_every_mapping_handle_and_instrument(string plugin)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Counts in /proc.");
        Assert.Contains("unloaded", OwnProcess.Run(nameof(PluginHost), plugin), StringComparison.Ordinal);
    }
}
