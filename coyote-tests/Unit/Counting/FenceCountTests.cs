using Percpu.Unit.Support;

namespace Percpu.Unit.Counting;

public sealed class FenceCountTests
{
    [Fact]
    public void I19_a_batch_kill_costs_one_process_wide_fence_whatever_its_size()
    {
        ThreadStripes.Need();
        // Variant: the fence counts its calls.
        var fences = (int[])SourceVariant.Compile(
            """
            using Percpu; using Percpu.Memory;
            public static class Driver
            {
                public static int[] Run() => [Of(1), Of(2), Of(1000), OfAtomic(10), OfKill(), OfSwitch()];

                private static int Of(int n) => Count(n, references => PercpuRef.KillAll(references));

                private static int OfAtomic(int n) => Count(n, references => PercpuRef.KillAll(references), PercpuRefOptions.InitAtomic);

                private static int OfKill() => Count(1, references => references[0].Kill());

                private static int OfSwitch() => Count(1, references => { references[0].SwitchToAtomic(); references[0].Kill(); });

                private static int Count(int n, Action<PercpuRef[]> act, PercpuRefOptions options = PercpuRefOptions.None)
                {
                    var references = Enumerable.Range(0, n).Select(_ => new PercpuRef(null, options)).ToArray();
                    Atomic.Fences = 0;
                    act(references);
                    return references.All(reference => reference.IsZero) ? Atomic.Fences : -1;
                }
            }
            """,
            [
                ("Atomic.cs", "internal static void ProcessWideFence()\n    {", "internal static int Fences;\n    internal static void ProcessWideFence()\n    {\n Fences++;\n"),
            ]).Run()!;
        Assert.Equal([1, 1, 1, 0, 1, 1], fences);
    }
}
