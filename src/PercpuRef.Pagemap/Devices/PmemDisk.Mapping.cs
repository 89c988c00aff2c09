using System.Diagnostics.CodeAnalysis;
using Percpu.Memory;

namespace Percpu.Pagemap;

// What page tables need that map the disk's memory.
public sealed unsafe partial class PmemDisk
{
    private readonly Pinned<long> _lock = new();
    private readonly List<(object Key, Action<object> Gone)> _mappings = []; // Under the lock.

    internal PhysicalSpace Space => _medium.Space;

    internal bool IsWritable => _medium.IsWritable;

    /// <summary>The physical address of a byte of the disk.</summary>
    internal long PhysicalOffset(long offset) => (long)_medium.First.Address + _dataOffset + offset;

    /// <summary>Direct access for a fault, which holds the map lock: fails at once while the queue is frozen or dying.</summary>
    /// <param name="offset">A multiple of the page size, inside the disk.</param>
    /// <param name="mapping">Holds the disk's memory until it is disposed.</param>
    /// <remarks>Kernel: <c>dax_map_atomic</c>, whose <c>blk_queue_enter</c> does not wait either.</remarks>
    internal bool TryDirectAccess(long offset, out DirectMapping mapping)
    {
        if (!Queue.Usage.TryGetLive())
        {
            mapping = default;
            return false;
        }
        long at = _dataOffset + offset;
        var first = new Pfn(_medium.First.Value + (ulong)(at >> Pfn.PageShift));
        mapping = new DirectMapping(Queue, _medium.Address + at, Length - offset, first, _flags);
        return true;
    }

    /// <summary>Makes sure that stores to a part cannot meet a full disk. The caller holds direct access.</summary>
    internal void PrepareHeld(long offset, long length) => _medium.Prepare(_dataOffset + offset, length);

    /// <summary>Has <paramref name="gone"/> called when the disk is gone: nobody holds its memory any more, nobody can get
    /// hold of it, and it is still there.</summary>
    /// <exception cref="ObjectDisposedException">The disk is going away.</exception>
    internal void AddMapping(object key, Action<object> gone)
    {
        using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
        if (Queue.IsDying)
            throw new ObjectDisposedException(Name, $"The disk '{Name}' was removed, or its device unbound.");
        _mappings.Add((key, gone));
    }

    internal void RemoveMapping(object key)
    {
        using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
        for (int i = _mappings.Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(_mappings[i].Key, key))
                _mappings.RemoveAt(i);
        }
    }

    internal override void Forget()
    {
        var failures = default(Failures);
        while (TryTakeMapping(out object? key, out Action<object>? gone))
        {
            try
            {
                gone(key);
            }
            catch (Exception exception)
            {
                failures.Add(exception); // A driver's free callback; the others still show the memory.
            }
        }
        failures.ThrowIfAny();
    }

    private bool TryTakeMapping([NotNullWhen(true)] out object? key, [NotNullWhen(true)] out Action<object>? gone)
    {
        (key, gone) = (null, null);
        using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
        if (_mappings.Count == 0)
            return false;
        (key, gone) = _mappings[^1];
        _mappings.RemoveAt(_mappings.Count - 1);
        return true;
    }
}
