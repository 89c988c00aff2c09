using Percpu.Unit.Counting.Drivers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Counting;

public sealed class FenceCountTests
{
    [Fact]
    public void I19_a_batch_kill_costs_one_process_wide_fence_whatever_its_size()
    {
        ThreadStripes.Need();
        // Variant: the fence counts its calls.
        int[] fences = (int[])SourceVariant.Compile(
            typeof(FenceCountDriver),
            [("Atomic.cs", "internal static void ProcessWideFence()\n    {", "internal static void ProcessWideFence()\n    {\n global::Percpu.Unit.Counting.Drivers.FenceCountDriver.Fences++;\n")])
            .Run()!;
        Assert.Equal([1, 1, 1, 0, 1, 1], fences);
    }
}
