using Percpu.Buffers;

namespace Percpu.Unit.Buffers;

/// <summary>The slab of a pool for users that take arrays only.</summary>
public sealed unsafe class PinnedSlabTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(1000)]
    public void It_is_memory_to_write_at_the_head_of_a_line_inside_its_array_until_it_is_released(int length)
    {
        PinnedSlab slab = PinnedSlab.Allocate(length);
        byte[] array = slab.Array!;
        int first = PinnedSlab.IndexOf(array, slab.Address);
        Assert.Equal(0, (nint)slab.Address % 64);
        Assert.InRange(first, 0, array.Length - length);
        Assert.Equal(length + 64, array.Length); // The length, and what aligning takes.
        Assert.Equal((length, true), ((int)slab.Length, slab.IsWritable));
        slab.Write(length - 1, (byte)7);
        Assert.Equal(7, array[first + length - 1]);
        using (MappedPin pin = slab.Pin())
        {
            pin.Span.Fill(9);
            slab.Dispose();
            Assert.Same(array, slab.Array);
        }
        Assert.Null(slab.Array);
        Assert.Equal(length, array.Count(value => value == 9));
    }
}
