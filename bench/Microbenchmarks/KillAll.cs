using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;

namespace Percpu.Microbenchmarks;

/// <summary>A thousand references killed by one call, for one fence. Created outside of what is timed.</summary>
[BenchmarkCategory("kill", "batch")]
[InvocationCount(1)]
public class KillAll
{
    private const int Batch = 1_000;

    private readonly PercpuRef[] _references = new PercpuRef[Batch];

    [IterationSetup]
    public void Create()
    {
        for (int i = 0; i < Batch; i++)
            _references[i] = new PercpuRef();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Batch)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void OneByOne()
    {
        foreach (PercpuRef reference in _references)
            reference.Kill();
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Together() => PercpuRef.KillAll(_references);
}
