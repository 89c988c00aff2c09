using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;

namespace Percpu.Microbenchmarks;

/// <summary>A life ended and a new one begun: killed, released and reinitialised; or killed while held and resurrected.</summary>
[BenchmarkCategory("switch")]
public class Reinit
{
    private readonly PercpuRef _reference = new(options: PercpuRefOptions.AllowReinit);
    private readonly PercpuRef _held = new(options: PercpuRefOptions.AllowReinit);

    [GlobalSetup]
    public void Setup() => _held.Get();

    [Benchmark(Baseline = true)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Fence() => Interlocked.MemoryBarrierProcessWide();

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void KillAndReinit()
    {
        _reference.Kill();
        _reference.Reinit();
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void KillAndResurrect()
    {
        _held.Kill();
        _held.Resurrect();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _held.Put();
        _held.Dispose();
        _reference.Dispose();
    }
}
