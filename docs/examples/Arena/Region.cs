using System.Runtime.InteropServices;

namespace Percpu.Examples.Arena;

/// <summary>One piece of native memory, its reference count, and how far it is used up.</summary>
internal sealed unsafe class Region
{
    private byte* _memory;
    private int _used; // Only the thread that fills the region touches it.

    internal Region(ArenaAllocator owner)
    {
        Owner = owner;
        Bytes = owner.RegionBytes;
        // The count first: if there is no memory for the region, it is garbage like any object.
        Reference = new PercpuRef(_ => owner.OnReleased(this), PercpuRefOptions.AllowReinit);
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes, 4096);
    }

    internal ArenaAllocator Owner { get; }

    internal int Bytes { get; }

    /// <summary>The region's initial count is that of the thread that fills it; each block has one more.</summary>
    internal PercpuRef Reference { get; }

    internal nint End => (nint)_memory + Bytes;

    internal bool Contains(nint address) => (nuint)(address - (nint)_memory) < (nuint)Bytes;

    /// <summary>Cuts off a block, if there is room. One get: the filling thread holds a count, so it cannot fail.</summary>
    internal bool TryAllocate(int bytes, out ArenaBlock block)
    {
        int rounded = (bytes + 15) & ~15;
        if (rounded > Bytes - _used)
        {
            block = default;
            return false;
        }
        Reference.Get();
        block = new ArenaBlock(this, (nint)_memory + _used, bytes);
        _used += rounded;
        return true;
    }

    /// <summary>No more blocks are cut off: drops the initial count. The last free, perhaps this call, recycles the region.</summary>
    internal void Seal() => Reference.Kill();

    /// <summary>Empty and live again.</summary>
    internal void Revive()
    {
        _used = 0;
        Reference.Reinit();
    }

    internal void FreeMemory()
    {
        Reference.Dispose();
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
