using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;

namespace Percpu.Microbenchmarks;

/// <summary>From percpu mode to atomic mode and back: one fence, one scan.</summary>
[BenchmarkCategory("switch")]
public class Switch
{
    private readonly PercpuRef _reference = new(options: PercpuRefOptions.AllowReinit);

    [Benchmark(Baseline = true)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Fence() => Interlocked.MemoryBarrierProcessWide();

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void AtomicAndBack()
    {
        _reference.SwitchToAtomic();
        _reference.SwitchToPercpu();
    }

    [GlobalCleanup]
    public void Cleanup() => _reference.Dispose();
}
