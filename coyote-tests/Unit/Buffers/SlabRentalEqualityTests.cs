using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.Buffers;

namespace Percpu.Unit.Buffers;

/// <summary>Rentals are equal if they are copies of one.</summary>
public sealed class SlabRentalEqualityTests
{
    [Fact]
    public void Copies_of_one_rental_are_equal_and_rentals_of_other_blocks_or_other_times_are_not()
    {
        using var pool = new SlabPool(new SlabPoolOptions { BlockSize = 256, BlocksPerSlab = 8 });
        SlabRental one = pool.RentBlock(), copy = one, other = pool.RentBlock();
        AssertSame(true, one, copy);
        AssertSame(false, one, other); // Each the first of its block.
        ref byte first = ref MemoryMarshal.GetReference(one.Span);
        one.Dispose();
        SlabRental later = pool.RentBlock();
        Assert.True(Unsafe.AreSame(ref first, ref MemoryMarshal.GetReference(later.Span)), "The block that a thread has returned is not its next one.");
        AssertSame(false, copy, later); // One block, rented twice.
        AssertSame(false, default, later);
        AssertSame(true, default, default);
        later.Dispose();
        other.Dispose();
    }

    private static void AssertSame(bool same, SlabRental left, SlabRental right)
    {
        Assert.Equal((same, same, !same), (left.Equals(right), left == right, left != right));
        Assert.Equal((same, same), (right.Equals((object)left), left.GetHashCode() == right.GetHashCode()));
        Assert.False(left.Equals("a rental"));
    }
}
