using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;

namespace Percpu.Microbenchmarks;

/// <summary>A try for one reference, and what it took given back; also where the try must fail.</summary>
[BenchmarkCategory("pin")]
public class TryGetLive : ThreadedBenchmark
{
    private readonly PercpuRef _reference = new();
    private readonly PercpuRef _killed = new();

    [GlobalSetup]
    public void Setup()
    {
        _killed.Kill();
        StartOthers(() => TryGetLivePut());
    }

    [Benchmark(Baseline = true)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryGetLivePut()
    {
        bool taken = _reference.TryGetLive();
        if (taken)
            _reference.Put();
        return taken;
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryGetPut()
    {
        bool taken = _reference.TryGet();
        if (taken)
            _reference.Put();
        return taken;
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryGetLiveKilled() => _killed.TryGetLive();

    [GlobalCleanup]
    public void Cleanup()
    {
        StopOthers();
        _reference.Dispose();
        _killed.Dispose();
    }
}
