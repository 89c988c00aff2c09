using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>A range of a <see cref="PhysicalSpace"/>: RAM, or memory of a device.</summary>
/// <remarks>Kernel: an entry of <c>iomem_resource</c> and the memory behind it. Its address in the process never changes.</remarks>
public sealed unsafe class PhysicalRegion
{
    private readonly Pinned<Words> _words = new();
    private readonly List<(long Start, long End)> _claims = []; // Under the lock.

    internal PhysicalRegion(PhysicalSpace space, PfnRange range, RegionKind kind, string name, RegionMemory memory)
    {
        Space = space;
        Range = range;
        Kind = kind;
        Name = name;
        Memory = memory;
    }

    /// <summary>The space it belongs to.</summary>
    public PhysicalSpace Space { get; }

    /// <summary>Its frames.</summary>
    public PfnRange Range { get; }

    /// <summary>RAM or device.</summary>
    public RegionKind Kind { get; }

    /// <summary>A name for messages.</summary>
    public string Name { get; }

    /// <summary>What stands behind it. Whether a file got a synchronous mapping is known once it was mapped.</summary>
    public RegionBacking Backing => Memory.Backing;

    /// <summary>Whether stores are allowed.</summary>
    public bool IsWritable => Memory.IsWritable;

    internal RegionMemory Memory { get; }

    /// <summary>Where the region's first byte is in the process. Kernel: <c>__va</c>.</summary>
    internal byte* Address => Memory.Address;

    /// <summary>Claims a part of the region for one driver. Kernel: <c>request_mem_region</c>.</summary>
    /// <returns>False if another part that is claimed overlaps it.</returns>
    internal bool TryClaim(long start, long length)
    {
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        if (_claims.Exists(each => each.Start < start + length && start < each.End))
            return false;
        _claims.Add((start, start + length));
        return true;
    }

    internal void Unclaim(long start)
    {
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        _claims.RemoveAll(each => each.Start == start);
    }

    /// <summary>Puts the memory at the region's address; counts.</summary>
    internal void Map()
    {
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        if (Atomic.LoadLocal(&Shared->MapCount) == 0)
            Memory.Map();
        Atomic.AddLocal(&Shared->MapCount, 1);
    }

    /// <summary>Undoes one <see cref="Map"/>. After the last a touch of the address is caught by the processor.</summary>
    internal void Unmap()
    {
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        if (Atomic.LoadLocal(&Shared->MapCount) == 1)
            Memory.Unmap();
        Atomic.AddLocal(&Shared->MapCount, -1);
    }

    private Words* Shared => _words.Pointer;

    private struct Words
    {
        internal long Lock;
        internal long MapCount;
    }
}
