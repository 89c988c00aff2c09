using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;

namespace Percpu.Microbenchmarks;

/// <summary>One reference taken blindly and given back, beside what .NET has.</summary>
[BenchmarkCategory("pin")]
public class GetPut : ThreadedBenchmark
{
    private readonly PercpuRef _reference = new();
    private readonly PercpuRef _atomic = new(options: PercpuRefOptions.InitAtomic);
    private readonly ReaderWriterLockSlim _lock = new();
    private readonly Handle _handle = new();
    private long _count = 1;

    [Benchmark(Baseline = true)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void GetAndPut()
    {
        _reference.Get();
        _reference.Put();
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryGetLivePutAtomicMode()
    {
        bool taken = _atomic.TryGetLive();
        if (taken)
            _atomic.Put();
        return taken;
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool InterlockedPair()
    {
        bool taken = Interlocked.Increment(ref _count) > 0;
        Interlocked.Decrement(ref _count);
        return taken;
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool SafeHandlePair()
    {
        bool taken = false;
        _handle.DangerousAddRef(ref taken);
        if (taken)
            _handle.DangerousRelease();
        return taken;
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void RwLockSlimPair()
    {
        _lock.EnterReadLock();
        _lock.ExitReadLock();
    }

    [GlobalSetup]
    public void Setup() => StartOthers(() => GetAndPut());

    [GlobalSetup(Target = nameof(InterlockedPair))]
    public void SetupInterlocked() => StartOthers(() => InterlockedPair());

    [GlobalSetup(Target = nameof(SafeHandlePair))]
    public void SetupSafeHandle() => StartOthers(() => SafeHandlePair());

    [GlobalSetup(Target = nameof(RwLockSlimPair))]
    public void SetupRwLockSlim() => StartOthers(RwLockSlimPair);

    [GlobalSetup(Target = nameof(TryGetLivePutAtomicMode))]
    public void SetupAtomicMode() => StartOthers(() => TryGetLivePutAtomicMode());

    [GlobalCleanup]
    public void Cleanup()
    {
        StopOthers();
        _lock.Dispose();
        _handle.Dispose();
        _reference.Dispose();
        _atomic.Dispose();
    }

    private sealed class Handle : SafeHandle
    {
        internal Handle()
            : base(0, ownsHandle: true) => SetHandle(1);

        public override bool IsInvalid => false;

        protected override bool ReleaseHandle() => true;
    }
}
