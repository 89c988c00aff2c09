using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.Buffers;

namespace Percpu.PinThroughput.Subjects.Rent;

internal readonly struct SlabPoolHandOver(SlabPool pool) : IHandOver<SlabRental>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SlabRental Rent(int mark)
    {
        SlabRental rental = pool.RentBlock();
        MemoryMarshal.Write(rental.Span, mark);
        return rental;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Return(SlabRental block)
    {
        int mark = MemoryMarshal.Read<int>(block.Span);
        block.Dispose();
        return mark;
    }
}

internal readonly record struct ArrayBlock(byte[] Bytes);

internal readonly struct ArrayPoolHandOver : IHandOver<ArrayBlock>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ArrayBlock Rent(int mark)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(RentSubject<ArrayPoolRent>.Bytes);
        MemoryMarshal.Write(bytes, mark);
        return new ArrayBlock(bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Return(ArrayBlock block)
    {
        int mark = MemoryMarshal.Read<int>(block.Bytes);
        ArrayPool<byte>.Shared.Return(block.Bytes);
        return mark;
    }
}

internal readonly record struct OwnedBlock(IMemoryOwner<byte> Owner);

internal readonly struct MemoryPoolHandOver : IHandOver<OwnedBlock>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public OwnedBlock Rent(int mark)
    {
        IMemoryOwner<byte> owner = MemoryPool<byte>.Shared.Rent(RentSubject<MemoryPoolRent>.Bytes);
        MemoryMarshal.Write(owner.Memory.Span, mark);
        return new OwnedBlock(owner);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Return(OwnedBlock block)
    {
        int mark = MemoryMarshal.Read<int>(block.Owner.Memory.Span);
        block.Owner.Dispose();
        return mark;
    }
}
