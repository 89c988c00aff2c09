using Percpu.Interleavings;

namespace InterleavingTests;

/// <summary>Two numbers that belong together: one thread writes them, any others read them without writing anything.</summary>
/// <param name="acquires">Whether a reader's second look at the version comes after its reads: else it may miss a writer.</param>
public sealed class SequenceLock(bool acquires = true)
{
    private AtomicLong _version;
    private AtomicLong _first;
    private AtomicLong _second;

    /// <summary>Of one thread at a time.</summary>
    public void Write(long first, long second)
    {
        long version = _version.ReadRelaxed();
        _version.WriteRelaxed(version + 1);
        Fence.Write();
        _first.WriteRelaxed(first);
        _second.WriteRelaxed(second);
        _version.Write(version + 2);
    }

    /// <summary>False if a writer came between.</summary>
    public bool TryRead(out long first, out long second)
    {
        long version = _version.Read();
        first = _first.ReadRelaxed();
        second = _second.ReadRelaxed();
        if (acquires)
            Fence.Read();
        return (version & 1) == 0 && _version.ReadRelaxed() == version;
    }
}
