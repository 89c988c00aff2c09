using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.Buffers;

namespace Percpu.PinThroughput.Subjects.Rent;

internal readonly struct SlabPoolRent(SlabPool pool) : IRent
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int RentAndReturn()
    {
        SlabRental rental = pool.RentBlock();
        Span<byte> bytes = rental.Span;
        bytes[0] = bytes[4095] = 1;
        int read = bytes[0];
        rental.Dispose();
        return read;
    }
}

internal readonly struct ArrayPoolRent : IRent
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int RentAndReturn()
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(4096);
        bytes[0] = bytes[4095] = 1;
        int read = bytes[0];
        ArrayPool<byte>.Shared.Return(bytes);
        return read;
    }
}

/// <summary>The framework's memory pool, which allocates an owner a rent.</summary>
internal readonly struct MemoryPoolRent : IRent
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int RentAndReturn()
    {
        using IMemoryOwner<byte> owner = MemoryPool<byte>.Shared.Rent(4096);
        Span<byte> bytes = owner.Memory.Span;
        bytes[0] = bytes[4095] = 1;
        return bytes[0];
    }
}

/// <summary>The C library's allocator.</summary>
internal readonly unsafe struct NativeMemoryRent : IRent
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int RentAndReturn()
    {
        byte* bytes = (byte*)NativeMemory.Alloc(4096);
        bytes[0] = bytes[4095] = 1;
        int read = bytes[0];
        NativeMemory.Free(bytes);
        return read;
    }
}
