using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;

namespace Percpu.Microbenchmarks;

/// <summary>One callback retired; reclaimed in batches of 1,000 by the same thread, which is part of the time.</summary>
[BenchmarkCategory("epoch", "batch")]
public class Retire
{
    private const int Batch = 1_000;

    private readonly EpochDomain _domain = new(new EpochDomainOptions { BackgroundReclaim = false });
    private readonly Action _nothing = static () => { };
    private readonly object _state = new();

    [Benchmark(Baseline = true, OperationsPerInvoke = Batch)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int RetireAction()
    {
        for (int i = 0; i < Batch; i++)
            _domain.Retire(_nothing);
        return _domain.Reclaim();
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int RetireState()
    {
        for (int i = 0; i < Batch; i++)
            _domain.Retire(_state, static _ => { });
        return _domain.Reclaim();
    }

    /// <summary>A grace period with no reader inside.</summary>
    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Synchronize() => _domain.Synchronize();

    [GlobalCleanup]
    public void Cleanup() => _domain.Dispose();
}
