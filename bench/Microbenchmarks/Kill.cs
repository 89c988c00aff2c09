using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;

namespace Percpu.Microbenchmarks;

/// <summary>References killed and released, with no other thread running. Created outside of what is timed.</summary>
[BenchmarkCategory("kill")]
[InvocationCount(1)]
public class Kill
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
    public void Fence()
    {
        for (int i = 0; i < Batch; i++)
            Interlocked.MemoryBarrierProcessWide();
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void KillEach()
    {
        foreach (PercpuRef reference in _references)
            reference.Kill();
    }
}
