using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;

namespace Percpu.Microbenchmarks;

/// <summary>One read section entered and left.</summary>
[BenchmarkCategory("epoch")]
public class Epoch : ThreadedBenchmark
{
    private readonly EpochDomain _domain = new();
    private readonly ReaderWriterLockSlim _lock = new();
    private long _word = 1;

    [Benchmark(Baseline = true)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long EnterExit()
    {
        using EpochReader reader = _domain.Enter();
        return Volatile.Read(ref _word);
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long Nested()
    {
        using EpochReader outer = _domain.Enter();
        using EpochReader inner = _domain.Enter();
        return Volatile.Read(ref _word);
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long RwLockSlim()
    {
        _lock.EnterReadLock();
        try
        {
            return Volatile.Read(ref _word);
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    [GlobalSetup]
    public void Setup() => StartOthers(() => EnterExit());

    [GlobalSetup(Target = nameof(RwLockSlim))]
    public void SetupRwLockSlim() => StartOthers(() => RwLockSlim());

    [GlobalCleanup]
    public void Cleanup()
    {
        StopOthers();
        _domain.Dispose();
        _lock.Dispose();
    }
}
