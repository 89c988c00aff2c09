using System.Buffers;
using Percpu.Buffers;

namespace Percpu.Unit.Buffers;

/// <summary>Where memory of more than a GiB is cut into pieces that a span can hold. Nothing stands behind the memory but the pages that are touched.</summary>
public sealed class ChunkEdgesTests
{
    private const long Chunk = 1L << 30, Length = (2 * Chunk) + 100;

    [Theory]
    [InlineData(0, Chunk)]
    [InlineData(Chunk - 10, 10)] // To the end of the chunk.
    [InlineData(Chunk, Chunk)]
    [InlineData(2 * Chunk, 100)]
    [InlineData(Length - 1, 1)]
    public void A_writer_that_asks_for_nothing_is_given_all_up_to_the_end_of_the_chunk(long start, long room)
    {
        using NativeSlab slab = NativeSlab.Allocate(Length);
        using MappedBufferWriter writer = slab.OpenWriter(start);
        foreach (int hint in (int[])[0, 1])
            Assert.Equal((room, room), (writer.GetMemory(hint).Length, (long)writer.GetSpan(hint).Length));
        Assert.Equal((0, Length - start), (writer.Written, writer.Remaining));
    }

    [Fact]
    public void A_writer_that_asks_for_more_than_the_chunk_has_is_given_what_it_asks_for()
    {
        using NativeSlab slab = NativeSlab.Allocate(Length);
        using MappedBufferWriter writer = slab.OpenWriter(Chunk - 10);
        Assert.Equal((10, 10), (writer.GetMemory(10).Length, writer.GetSpan(10).Length));
        Assert.Equal((11, 11), (writer.GetMemory(11).Length, writer.GetSpan(11).Length));
        writer.GetSpan(20).Fill(7);
        writer.Advance(20);
        Assert.Equal((20, Chunk + 90), (writer.Written, writer.Remaining));
        Assert.Equal(Chunk - 10, writer.GetSpan().Length);
        using MappedPin pin = slab.Pin();
        Assert.Equal([0, 7, 7, 0], [pin.ReadByte(Chunk - 11), pin.ReadByte(Chunk - 10), pin.ReadByte(Chunk + 9), pin.ReadByte(Chunk + 10)]);
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, Chunk, 1)]
    [InlineData(0, Chunk + 1, 2)]
    [InlineData(Chunk - 1, 1, 1)]
    [InlineData(Chunk - 1, 2, 2)]
    [InlineData(Chunk - 1, Chunk + 2, 3)]
    [InlineData(Chunk, 0, 1)]
    [InlineData(Chunk, Chunk, 1)]
    [InlineData(0, Length, 3)]
    [InlineData(Length, 0, 1)]
    [InlineData(Length - 100, 100, 1)]
    public void A_sequence_has_as_many_pieces_as_chunks_are_met_and_all_bytes_in_order(long offset, long length, int pieces)
    {
        using NativeSlab slab = NativeSlab.Allocate(Length);
        long[] marked = [0, Chunk - 1, Chunk, (2 * Chunk) - 1, 2 * Chunk, Length - 1];
        for (int i = 0; i < marked.Length; i++)
            slab.Write(marked[i], (byte)(i + 1));
        using HeldPin pin = slab.Hold();
        ReadOnlySequence<byte> sequence = pin.Sequence(offset, length);
        Assert.Equal(length, sequence.Length);
        long at = offset;
        int found = 0;
        foreach (ReadOnlyMemory<byte> piece in sequence)
        {
            found++;
            foreach (long mark in marked.Where(mark => mark >= at && mark < at + piece.Length))
                Assert.Equal(slab.ReadByte(mark), piece.Span[(int)(mark - at)]);
            at += piece.Length;
        }
        Assert.Equal((pieces, offset + length), (found, at));
    }

    [Theory]
    [InlineData(Chunk - 10, 10)]
    [InlineData(Chunk - 10, 11)] // Over the border.
    [InlineData(Chunk, 10)]
    [InlineData((2 * Chunk) - 1, 2)]
    [InlineData(Length - 10, 10)]
    [InlineData(Length, 0)]
    public void Memory_over_a_border_is_one_piece_of_the_bytes_that_were_asked_for(long offset, int length)
    {
        using NativeSlab slab = NativeSlab.Allocate(Length);
        byte[] expected = [.. Enumerable.Range(1, length).Select(i => (byte)i)];
        using (MappedPin pin = slab.Pin())
            expected.CopyTo(pin.Slice(offset, length));
        using HeldPin held = slab.Hold();
        Assert.Equal(expected, held.ReadOnlySlice(offset, length).ToArray());
        Assert.Equal(expected, held.Slice(offset, length).ToArray());
        if (length > 0)
            held.Slice(offset, length).Span[^1] = 0xEE;
        Assert.Equal(length > 0 ? 0xEE : 0, length > 0 ? slab.ReadByte(offset + length - 1) : 0);
    }

    [Fact]
    public void A_stream_copies_chunk_by_chunk_from_where_it_stands_to_the_end()
    {
        using NativeSlab slab = NativeSlab.Allocate(Length);
        slab.Write(Length - 100, (byte)3);
        using MappedStream stream = slab.OpenStream();
        var sink = new Sink();
        stream.Position = (2 * Chunk) - 5;
        stream.CopyTo(sink);
        Assert.Equal([105], sink.Lengths);
        Assert.Equal((3, Length), (sink.ByteAt(5), stream.Position));
        stream.CopyTo(sink);
        Assert.Equal([105], sink.Lengths);
        stream.Position = 5;
        stream.CopyTo(sink);
        Assert.Equal([105, Chunk, Chunk, 95], sink.Lengths);
        Assert.Equal(Length, stream.Position);
    }

    [Fact]
    public async Task A_stream_copies_chunk_by_chunk_also_asynchronously()
    {
        using NativeSlab slab = NativeSlab.Allocate(Length);
        await using MappedStream stream = slab.OpenStream();
        var sink = new Sink();
        stream.Position = Chunk - 5;
        await stream.CopyToAsync(sink, TestContext.Current.CancellationToken);
        Assert.Equal([Chunk, 105], sink.Lengths);
        Assert.Equal(Length, stream.Position);
    }

    /// <summary>Takes lengths and first bytes, and reads no more: what was never touched stays so.</summary>
    private sealed class Sink : MemoryStream
    {
        private byte[] _first = [];

        internal List<long> Lengths { get; } = [];

        internal byte ByteAt(int index) => _first[index];

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Assert.False(buffer.IsEmpty, "An empty piece: the copy will not end.");
            Assert.True(Lengths.Count < 10, "Another piece, and the end was there: the copy does not end.");
            _first = buffer[..Math.Min(16, buffer.Length)].ToArray();
            Lengths.Add(buffer.Length);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
    }
}
