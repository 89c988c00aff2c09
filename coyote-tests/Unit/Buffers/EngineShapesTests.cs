using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>What an engine's own input stream is made of.</summary>
public sealed class EngineShapesTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact]
    public void OpenRead_maps_for_reading_only_and_tells_of_its_disposal()
    {
        using var file = new ScratchFile(100);
        using MappedFile mapped = MappedFile.OpenRead(file.Location);
        Assert.False(mapped.IsWritable);
        Assert.False(mapped.IsDisposed);
        using (mapped.Hold())
        {
            mapped.Dispose();
            Assert.True(mapped.IsDisposed);
            Assert.False(mapped.Reference.IsZero);
        }
        Assert.Equal(0, file.Maps);
    }

    [Theory]
    [InlineData(92L, true)]
    [InlineData(93L, false)]
    [InlineData(100L, false)]
    [InlineData(101L, false)]
    [InlineData(-1L, false)]
    [InlineData(long.MinValue, false)]
    [InlineData(long.MaxValue, false)]
    public void TryRead_answers_at_the_end_and_throws_only_when_disposed(long offset, bool inside)
    {
        using var file = new ScratchFile(100);
        MappedFile mapped = MappedFile.OpenRead(file.Location);
        Assert.Equal(inside, mapped.TryRead(offset, out long value));
        Assert.Equal(inside ? mapped.Read<long>(92) : 0, value);
        byte[] bytes = new byte[8];
        Assert.Equal(inside, mapped.TryReadBytes(offset, bytes));
        Assert.Equal(value, BitConverter.ToInt64(bytes));
        Assert.Equal(inside, mapped.View(0, 100).TryRead(offset, out value));
        if (!inside)
            Assert.Throws<ArgumentOutOfRangeException>(() => mapped.ReadBytes(offset, bytes));
        mapped.Dispose();
        Assert.Throws<ObjectDisposedException>(() => mapped.TryRead(offset, out long _));
        Assert.Throws<ObjectDisposedException>(() => mapped.TryReadBytes(offset, bytes));
        Assert.Throws<ObjectDisposedException>(() => mapped.View(0, 100).TryRead(offset, out long _));
        Assert.Throws<ObjectDisposedException>(() => mapped.ReadBytes(offset, bytes));
    }

    [Fact]
    public void Both_byte_orders_read_and_write_on_memory_views_and_held_pins()
    {
        using var slab = NativeSlab.Allocate(64);
        slab.WriteBigEndian(1, 0x0102_0304);
        slab.WriteLittleEndian(9, 0x0102_0304);
        Assert.Equal([1, 2, 3, 4, 0, 0, 0, 0, 4, 3, 2, 1], slab.ReadAll(1, 12));
        Assert.Equal(0x0102_0304, slab.ReadBigEndian<int>(1));
        Assert.Equal(0x0102_0304, slab.ReadLittleEndian<int>(9));
        MappedView view = slab.View(1, 12);
        Assert.Equal(0x0102_0304, view.ReadBigEndian<int>(0));
        Assert.Equal(0x0102_0304, view.ReadLittleEndian<int>(8));
        Assert.Equal(1, view.ReadByte(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => view.Read<int>(9));
        Assert.Throws<ArgumentOutOfRangeException>(() => view.ReadBytes(9, new byte[4]));
        Assert.Throws<InvalidOperationException>(() => default(MappedView).Read<int>(0));
        using HeldPin pin = slab.Hold();
        Assert.Equal(0x0102_0304, pin.ReadBigEndian<int>(1));
        Assert.Equal(0x0102_0304, pin.ReadLittleEndian<int>(9));
    }

    [Fact]
    public unsafe void A_held_pin_reads_on_after_the_disposal_and_not_after_its_release()
    {
        using var file = new ScratchFile(100);
        MappedFile mapped = MappedFile.OpenRead(file.Location);
        HeldPin pin = mapped.Hold();
        mapped.Dispose();
        Assert.Equal(7, pin.ReadByte(7));
        Assert.Equal(100, pin.Length);
        Assert.Equal(BitConverter.ToInt64([9, 10, 11, 12, 13, 14, 15, 16]), pin.Read<long>(9));
        byte[] bytes = new byte[3];
        pin.ReadBytes(97, bytes);
        Assert.Equal([97, 98, 99], bytes);
        Assert.Equal(99, *pin.GetPointer(99, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => (nint)pin.GetPointer(99, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => pin.Read<long>(93));
        Assert.Throws<ArgumentOutOfRangeException>(() => pin.ReadBytes(98, bytes));
        HeldPin second = pin.Share();
        pin.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pin.ReadByte(0));
        Assert.Throws<ObjectDisposedException>(() => (nint)pin.GetPointer(0, 1));
        Assert.Throws<ObjectDisposedException>(() => pin.Share());
        Assert.Equal(1, second.ReadByte(1));
        second.Dispose();
        Assert.True(mapped.Reference.IsZero);
        Assert.Equal(0, file.Maps);
    }

    [Fact]
    public void A_pointer_and_a_read_go_past_two_GiB()
    {
        const long Far = (1L << 31) + 17;
        using var folder = new TempFolder();
        string path = folder.Sparse("far", Far + 8);
        using (MappedFile writable = MappedFile.Open(path))
            writable.WriteBigEndian(Far, 0x1122_3344_5566_7788L);
        using MappedFile mapped = MappedFile.OpenRead(path);
        using HeldPin pin = mapped.Hold();
        Assert.Equal(0x1122_3344_5566_7788L, pin.ReadBigEndian<long>(Far));
        unsafe
        {
            Assert.Equal(0x11, pin.GetPointer(0, Far + 8)[Far]);
        }
    }

    [Fact]
    public async Task Reads_beside_a_disposal_give_right_bytes_or_the_disposal()
    {
        using var file = new ScratchFile(5_000);
        for (int round = 0; round < 200; round++)
        {
            MappedFile mapped = MappedFile.OpenRead(file.Location);
            HeldPin pin = mapped.Hold();
            Task<int>[] readers = [.. Enumerable.Range(0, 3).Select(reader => Task.Run(() => ReadUntilDisposed(mapped, pin, reader)))];
            await mapped.DisposeOn(pin);
            await Task.WhenAll(readers).WaitAsync(Bound, TestContext.Current.CancellationToken);
            Assert.True(mapped.Reference.WaitForRelease(Bound), "Not unmapped after the last read.");
            Assert.Equal(0, file.Maps);
        }
    }

    [Fact]
    public async Task Asynchronous_reads_and_writes_complete_at_once_and_allocate_nothing()
    {
        using var slab = NativeSlab.Allocate(4_096);
        await using MappedStream stream = slab.OpenStream();
        byte[] bytes = new byte[64];
        CancellationToken none = CancellationToken.None;
        long least = long.MaxValue; // Of some rounds: the JIT allocates on the thread that calls it.
        for (int round = 0; round < 20; round++)
        {
            stream.Position = 0;
            long before = GC.GetAllocatedBytesForCurrentThread();
            int thread = Environment.CurrentManagedThreadId;
            await stream.WriteAsync(bytes.AsMemory(), none);
            int count = await stream.ReadAsync(bytes.AsMemory(), none);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            Assert.Equal(64, count);
        }
        Assert.Equal(0, least);
        Assert.True(stream.ReadAsync(bytes, 0, 64, new CancellationToken(canceled: true)).IsCanceled);
        Assert.True(stream.WriteAsync(bytes, 0, 64, new CancellationToken(canceled: true)).IsCanceled);
        stream.Position = 4_090;
        Assert.IsType<NotSupportedException>((await Record.ExceptionAsync(async () => await stream.WriteAsync(bytes, none)))!);
        Assert.Equal(4_090, stream.Position);
    }

    [Fact]
    public async Task Copying_a_stream_hands_over_the_mapped_bytes_also_when_the_memory_was_disposed()
    {
        using var file = new ScratchFile(10_000);
        MappedFile mapped = MappedFile.OpenRead(file.Location);
        MappedStream stream = mapped.OpenStream();
        mapped.Dispose();
        var copy = new PieceSink();
        stream.Position = 100;
        await stream.CopyToAsync(copy, TestContext.Current.CancellationToken);
        stream.Position = 0;
        stream.CopyTo(copy);
        byte[] all = File.ReadAllBytes(file.Location);
        Assert.Equal([.. all[100..], .. all], copy.ToArray());
        stream.Dispose();
        Assert.True(mapped.Reference.IsZero);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.CopyToAsync(copy, TestContext.Current.CancellationToken));
    }

    private static int ReadUntilDisposed(MappedFile mapped, HeldPin pin, int way)
    {
        byte[] bytes = new byte[4_000];
        for (int reads = 0; ; reads++)
        {
            int offset = reads % 900;
            try
            {
                if (way == 0)
                {
                    Assert.True(mapped.TryRead(offset, out byte value));
                    Assert.Equal(offset % 251, value);
                }
                else if (way == 1)
                {
                    Assert.Equal(offset % 251, pin.ReadByte(offset));
                }
                else
                {
                    pin.ReadBytes(offset, bytes);
                    Assert.Equal((offset + 3_999) % 251, bytes[^1]);
                }
            }
            catch (ObjectDisposedException)
            {
                return reads;
            }
        }
    }
}

file static class Shapes
{
    internal static byte[] ReadAll(this MappedMemory memory, long offset, int length)
    {
        byte[] bytes = new byte[length];
        memory.ReadBytes(offset, bytes);
        return bytes;
    }

    internal static async Task DisposeOn(this MappedFile mapped, HeldPin pin)
    {
        await Task.Yield();
        mapped.Dispose();
        pin.Dispose();
    }
}
