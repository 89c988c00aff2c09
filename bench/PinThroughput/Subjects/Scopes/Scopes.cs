using System.Buffers;
using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Scopes;

/// <summary>One scope of the library around one byte. Implemented by structs, so that the loop is compiled for each.</summary>
internal interface IScope
{
    /// <summary>Reads a byte that is 1.</summary>
    int ReadOne();
}

/// <summary>The hot loop of every subject of <c>scopes</c>.</summary>
internal sealed class ScopeSubject<TScope>(string id, TScope scope, bool mayAllocate = false) : Subject(id)
    where TScope : struct, IScope
{
    internal override bool MayAllocate => mayAllocate;

    internal override Loop CreateLoop(int thread) => new ScopeLoop(scope);

    private sealed class ScopeLoop(TScope scope) : ChunkLoop
    {
        protected override long RunChunk(int chunk)
        {
            TScope local = scope;
            long sum = 0;
            for (int i = 0; i < Operations; i++)
                sum += local.ReadOne();
            return sum;
        }
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
