using System.Buffers;
using System.Runtime.CompilerServices;
using Percpu.Buffers;

namespace Percpu.PinThroughput.Workloads;

/// <summary>One scope of the library around one byte. Implemented by structs, so that the loop is compiled for each.</summary>
internal interface IScope
{
    /// <summary>Reads a byte that is 1.</summary>
    int ReadOne();
}

/// <summary>No scope: a pointer to memory that stays.</summary>
internal readonly unsafe struct RawScope(byte* memory) : IScope
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadOne() => Volatile.Read(ref *memory);
}

/// <summary>A pin of any reference, written out.</summary>
internal readonly unsafe struct ReferenceScope(PercpuRef reference, byte* memory) : IScope
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadOne()
    {
        if (!reference.TryGetLive())
            return 0; // The chunk's sum tells.
        int one = Volatile.Read(ref *memory);
        reference.Put();
        return one;
    }
}

internal readonly struct ValueScope(NativeSlab slab) : IScope
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadOne() => slab.ReadByte(0);
}

internal readonly struct PinScope(NativeSlab slab) : IScope
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadOne()
    {
        using MappedPin pin = slab.Pin();
        return pin.ReadByte(0);
    }
}

internal readonly struct ViewScope(MappedView view) : IScope
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadOne()
    {
        using MappedPin pin = view.Pin();
        return pin.ReadByte(0);
    }
}

internal readonly struct CellScope(MappedCell<NativeSlab> cell) : IScope
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadOne()
    {
        using MappedPin pin = cell.Pin();
        return pin.ReadByte(0);
    }
}

internal readonly struct HeldScope(NativeSlab slab) : IScope
{
    public int ReadOne()
    {
        using HeldPin held = slab.Hold();
        return held.Slice(0, 1).Span[0];
    }
}

internal readonly struct MemoryHandleScope(MappedMemoryManager manager) : IScope
{
    public unsafe int ReadOne()
    {
        using MemoryHandle handle = manager.Pin();
        return *(byte*)handle.Pointer;
    }
}

internal readonly struct OwnerScope(NativeSlab slab) : IScope
{
    public int ReadOne()
    {
        using MappedMemoryManager owner = slab.Own(0, 1);
        return owner.Memory.Span[0];
    }
}
