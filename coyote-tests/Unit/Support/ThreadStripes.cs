namespace Percpu.Unit.Support;

/// <summary>For tests that look into the stripes of threads. In a run with PERCPU_STRIPES=cpu there are none.</summary>
internal static class ThreadStripes
{
    internal static void Need() => Assert.SkipWhen(PercpuStripes.Kind == StripeKind.Cpu, "Looks into stripes of threads.");
}
