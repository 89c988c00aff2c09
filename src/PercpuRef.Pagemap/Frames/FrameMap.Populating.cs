using Percpu.Memory;

namespace Percpu.Pagemap;

// Putting memory behind frames, and taking it away. One at a time, under the lock.
internal sealed unsafe partial class FrameMap
{
    /// <summary>Puts memory behind the frames of a range, from the heap or from a device. No section may be shared.</summary>
    /// <param name="range">The frames, multiples of 512.</param>
    /// <param name="firstUsable">The first that may be handed out; those before hold the frames themselves.</param>
    /// <param name="owner">Whom the frames belong to.</param>
    /// <param name="storage">The device memory in which the frames lie; null for the heap.</param>
    /// <param name="storageOffset">Where in it, in bytes; a multiple of the page size.</param>
    internal void Populate(PfnRange range, ulong firstUsable, FrameOwner owner, RegionMemory? storage = null, long storageOffset = 0)
    {
        if (range.End.Value > _capacity)
            throw new ArgumentOutOfRangeException(nameof(range), range, $"The space has {_capacity} frames.");
        using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
        for (ulong section = range.Start.Value >> SectionShift; section <= (range.End.Value - 1) >> SectionShift; section++)
        {
            if (IndexOf(section) is >= 0 and var index)
                throw new RangeBusyException(range, _populated[index].Range);
        }
        _populated.EnsureCapacity(_populated.Count + 1);
        (long address, long bytes) = Extent(range);
        long handle = ObjectHandle.Allocate(owner);
        try
        {
            if (storage is not null)
                storage.MapAt(address, storageOffset, bytes);
            else if (!NativeBlocks.Commit(address, bytes))
                throw new InsufficientMemoryException($"No memory for the frames of {range}.");
        }
        catch
        {
            ObjectHandle.Free(handle);
            throw;
        }
        _populated.Add(new Populated(range, firstUsable, owner, handle, storage, storageOffset));
    }

    /// <summary>Takes the memory of a populated range away. Nobody holds a page of it. Stale pointers read zeros.</summary>
    internal void Remove(PfnRange range)
    {
        using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
        int index = _populated.FindIndex(each => each.Range == range);
        for (ulong section = range.Start.Value >> SectionShift; section <= (range.End.Value - 1) >> SectionShift; section++)
            Atomic.StoreRelease(_ready + section, 0);
        (long address, long bytes) = Extent(range);
        RegionMemory.MakeZero(address, bytes);
        ObjectHandle.Free(_populated[index].Handle);
        _populated.RemoveAt(index);
    }

    /// <summary>Gives all address space back. No range is in use any more.</summary>
    internal void Release()
    {
        foreach (Populated each in _populated)
            ObjectHandle.Free(each.Handle);
        _populated.Clear();
        NativeBlocks.Release(_base, _bytes);
        NativeBlocks.Release((long)_ready, ReadyBytes);
    }

    private (long Address, long Bytes) Extent(PfnRange range) =>
        ((long)Locate(range.Start.Value), (long)(range.Length << PageFrame.FrameShift));
}
