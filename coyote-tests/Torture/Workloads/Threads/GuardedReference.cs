namespace Percpu.Torture.Workloads.Threads;

/// <summary>A reference and a flag that says whether it may be held: set by its release, cleared before it is revived.</summary>
internal sealed class GuardedReference
{
    private int _released;
    private long _releases;

    internal GuardedReference() => Reference = new PercpuRef(_ => OnRelease(), PercpuRefOptions.AllowReinit);

    internal PercpuRef Reference { get; }

    internal bool IsReleased => Volatile.Read(ref _released) != 0;

    /// <summary>How often it was released; changed by the thread that proves zero.</summary>
    internal long Releases => Volatile.Read(ref _releases);

    internal void Revive()
    {
        Volatile.Write(ref _released, 0);
        Reference.Reinit();
    }

    private void OnRelease()
    {
        Volatile.Write(ref _released, 1);
        Interlocked.Increment(ref _releases);
    }
}
