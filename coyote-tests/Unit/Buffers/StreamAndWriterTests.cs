using Percpu.Buffers;

namespace Percpu.Unit.Buffers;

public sealed class StreamAndWriterTests
{
    [Fact]
    public void A_stream_reads_writes_and_seeks()
    {
        using var scratch = new ScratchFile(1000);
        using var file = MappedFile.Open(scratch.Location);
        using MappedStream stream = file.OpenStream();
        byte[] buffer = new byte[600];

        Assert.True(stream is { CanRead: true, CanWrite: true, CanSeek: true, Length: 1000 });
        Assert.Equal(600, stream.Read(buffer));
        Assert.Equal(599 % 251, buffer[599]);
        Assert.Equal(400, stream.Read(buffer, 0, 600));
        Assert.Equal(0, stream.Read(buffer));
        Assert.Equal(-1, stream.ReadByte());
        stream.Position = 10;
        stream.Write([1, 2, 3]);
        Assert.Equal(13, stream.Position);
        Assert.Equal(13, stream.ReadByte());
        Assert.Equal(995, stream.Seek(-5, SeekOrigin.End));
        Assert.Throws<NotSupportedException>(() => stream.Write(new byte[6]));
        Assert.Equal(995, stream.Position);
        Assert.Throws<NotSupportedException>(() => stream.SetLength(1));
        Assert.Throws<IOException>(() => stream.Seek(-1, SeekOrigin.Begin));
        Assert.Contains("beyond", Assert.Throws<IOException>(() => stream.Seek(long.MaxValue, SeekOrigin.Current)).Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => stream.Seek(long.MinValue, SeekOrigin.End));
        Assert.Equal(995, stream.Position);
        stream.Flush();
        Assert.Equal([1, 2, 3], File.ReadAllBytes(scratch.Location)[10..13]);
        stream.Position = 2000;
        stream.Write([]);
        Assert.Equal(0, stream.Read(buffer));
    }

    [Fact]
    public async Task A_stream_over_memory_for_reading_refuses_every_write_also_of_no_bytes_and_stays_where_it_is()
    {
        using var scratch = new ScratchFile(1000);
        using var file = MappedFile.OpenRead(scratch.Location);
        await using MappedStream stream = file.OpenStream();
        Assert.False(stream.CanWrite);
        Assert.True(stream is { CanRead: true, CanSeek: true });
        stream.Position = 10;
        foreach (byte[] bytes in (byte[][])[[], [7], new byte[2000]])
        {
            Assert.Throws<NotSupportedException>(() => stream.Write(bytes));
            Assert.Throws<NotSupportedException>(() => stream.Write(bytes, 0, bytes.Length));
            await Assert.ThrowsAsync<NotSupportedException>(() => stream.WriteAsync(bytes, TestContext.Current.CancellationToken).AsTask());
            await Assert.ThrowsAsync<NotSupportedException>(() => stream.WriteAsync(bytes, 0, bytes.Length, TestContext.Current.CancellationToken));
        }
        Assert.Throws<NotSupportedException>(() => stream.WriteByte(7));
        Assert.Equal(10, stream.Position);
        Assert.Equal(10, stream.ReadByte());
    }

    [Fact]
    public async Task Arrays_that_a_stream_cannot_use_are_refused_by_the_argument_that_is_wrong()
    {
        using NativeSlab slab = NativeSlab.Allocate(100);
        await using MappedStream stream = slab.OpenStream();
        CancellationToken none = CancellationToken.None;
        foreach (Func<byte[], int, int, Task> call in (Func<byte[], int, int, Task>[])
        [
            (bytes, offset, count) => Task.FromResult(stream.Read(bytes, offset, count)),
            (bytes, offset, count) => { stream.Write(bytes, offset, count); return Task.CompletedTask; },
            (bytes, offset, count) => stream.ReadAsync(bytes, offset, count, none),
            (bytes, offset, count) => stream.WriteAsync(bytes, offset, count, none),
        ])
        {
            Assert.Equal("buffer", (await Assert.ThrowsAsync<ArgumentNullException>(() => call(null!, 0, 0))).ParamName);
            Assert.Equal("offset", (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => call(new byte[4], -1, 0))).ParamName);
            foreach ((int offset, int count) in ((int, int)[])[(0, 5), (4, 1), (5, 0), (0, -1)])
                Assert.Equal("count", (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => call(new byte[4], offset, count))).ParamName);
            await call(new byte[4], 1, 2);
            await call(new byte[4], 4, 0);
        }
        Assert.Equal(8, stream.Position);
        Assert.Throws<ArgumentNullException>("destination", () => stream.CopyTo(null!, 1));
        Assert.Throws<ArgumentOutOfRangeException>("bufferSize", () => stream.CopyTo(new MemoryStream(), 0));
        await Assert.ThrowsAsync<ArgumentNullException>("destination", () => stream.CopyToAsync(null!, 1, none));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("bufferSize", () => stream.CopyToAsync(new MemoryStream(), 0, none));
        Assert.Equal(8, stream.Position);
    }

    [Fact]
    public async Task A_stream_keeps_the_memory_mapped_until_disposed()
    {
        var slab = NativeSlab.Allocate(100);
        MappedStream stream = slab.OpenStream();
        slab.Dispose();
        await stream.WriteAsync(new byte[] { 5 }, TestContext.Current.CancellationToken);
        Assert.False(slab.Reference.IsZero);
        await stream.DisposeAsync();
        stream.Dispose();
        Assert.True(slab.Reference.IsZero);
        Assert.Throws<ObjectDisposedException>(() => stream.ReadByte());
        Assert.Throws<ObjectDisposedException>(() => stream.Length);
        Assert.False(stream.CanRead);
        Assert.Throws<ObjectDisposedException>(() => slab.OpenStream());
    }

    [Fact]
    public void A_writer_fills_the_memory_and_refuses_more()
    {
        var slab = NativeSlab.Allocate(10);
        MappedBufferWriter writer = slab.OpenWriter(2);
        writer.GetSpan(3)[0] = 1;
        writer.Advance(3);
        writer.GetMemory()[..1].Span[0] = 2;
        writer.Advance(1);
        Assert.Equal((4, 4), (writer.Written, writer.Remaining));
        Assert.Equal((4, 4), (writer.GetMemory(4).Length, writer.GetSpan(4).Length)); // All that is left.
        Assert.Throws<InvalidOperationException>(() => writer.GetMemory(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.GetMemory(-1));
        writer.Advance(4);
        Assert.Throws<InvalidOperationException>(() => writer.GetMemory());
        using (MappedPin pin = slab.Pin())
            Assert.Equal([0, 0, 1, 0, 0, 2, 0, 0, 0, 0], pin.Span.ToArray());
        slab.Dispose();
        Assert.False(slab.Reference.IsZero);
        writer.Dispose();
        Assert.True(slab.Reference.IsZero);
        Assert.Throws<ObjectDisposedException>(() => slab.OpenWriter());
    }
}
