using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>A slab that is a pinned array of the garbage collector's heap: for users that take arrays only. Its release lets go
/// of the array; whoever still has it keeps it, so nobody can touch what is gone.</summary>
internal sealed unsafe class PinnedSlab : MappedMemory
{
    private const int Alignment = 64;

    private readonly Holder _holder;

    private PinnedSlab(Holder holder, byte* address, long length)
        : base(address, length, isWritable: true, _ => holder.Array = null) => _holder = holder;

    /// <summary>The array; null once the slab was released.</summary>
    internal byte[]? Array => _holder.Array;

    private protected override string Description => $"pinned array of {Length} bytes";

    private protected override void ReportDrop() => PercpuEventSource.Log.NativeSlabDropped(Length); // What is lost is the same.

    /// <exception cref="OutOfMemoryException">No memory.</exception>
    internal static PinnedSlab Allocate(int length)
    {
        byte[] array = GC.AllocateArray<byte>(length + Alignment, pinned: true);
        byte* address = (byte*)Unsafe.AsPointer(ref array[0]);
        return new PinnedSlab(new Holder { Array = array }, (byte*)(((nint)address + Alignment - 1) & -Alignment), length);
    }

    /// <summary>Where an address lies in an array of it.</summary>
    internal static int IndexOf(byte[] array, byte* address) => (int)(address - (byte*)Unsafe.AsPointer(ref array[0]));

    // Apart, so that the release does not keep the slab itself from its finalizer.
    private sealed class Holder
    {
        internal byte[]? Array;
    }
}
