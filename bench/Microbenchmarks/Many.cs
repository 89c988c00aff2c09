using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;

namespace Percpu.Microbenchmarks;

/// <summary>Many references taken at once and given back at once: the cost does not depend on how many.</summary>
[BenchmarkCategory("pin", "batch")]
public class Many
{
    private readonly PercpuRef _reference = new();

    /// <summary>References a call.</summary>
    [Params(1, 512)]
    public long Count { get; set; }

    [Benchmark(Baseline = true)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void OneByOne()
    {
        for (long i = 0; i < Count; i++)
            _reference.Get();
        for (long i = 0; i < Count; i++)
            _reference.Put();
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void GetManyPutMany()
    {
        _reference.GetMany(Count);
        _reference.PutMany(Count);
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryGetLiveManyPutMany()
    {
        bool taken = _reference.TryGetLiveMany(Count);
        if (taken)
            _reference.PutMany(Count);
        return taken;
    }

    [GlobalCleanup]
    public void Cleanup() => _reference.Dispose();
}
