using System.Buffers;
using System.IO.MemoryMappedFiles;
using Percpu.Buffers;

namespace Percpu.Unit.Buffers;

public sealed class HeldPinTests
{
    [Fact]
    public async Task I62_a_held_pin_crosses_an_await_and_a_thread()
    {
        using var slab = NativeSlab.Allocate(16);
        using (HeldPin pin = slab.Hold())
        {
            slab.Dispose();
            await Task.Yield();
            await Task.Run(() => Assert.Equal(0, pin.Slice(0, 16).Span[15]), TestContext.Current.CancellationToken);
            using (MappedPin inner = pin.Pin())
                inner.WriteByte(3, 4);
            Assert.False(slab.Reference.IsZero);
        }
        Assert.True(slab.Reference.IsZero);
        Assert.False(slab.TryHold(out HeldPin none));
        none.Dispose();
        Assert.Throws<ObjectDisposedException>(() => slab.Hold());
    }

    [Fact]
    public void I62_a_second_release_is_harmless_also_when_the_ticket_serves_another_pin()
    {
        var first = NativeSlab.Allocate(16);
        var second = NativeSlab.Allocate(16);
        HeldPin stale = first.Hold();
        HeldPin copy = stale;
        Assert.Equal(stale, copy);
        stale.Dispose();
        HeldPin fresh = second.Hold(); // The same ticket: the thread's free list is a stack.
        copy.Dispose();
        stale.Dispose();
        Assert.True(fresh.IsHeld);
        Assert.NotEqual(fresh, stale);
        Assert.False(stale.IsHeld);
        Assert.Throws<ObjectDisposedException>(() => stale.Slice(0, 1));
        Assert.Throws<ObjectDisposedException>(() => stale.Memory);
        second.Dispose();
        Assert.False(second.Reference.IsZero);
        fresh.Dispose();
        Assert.True(second.Reference.IsZero);
        first.Dispose();
        Assert.True(first.Reference.IsZero);
    }

    [Fact]
    public async Task I62_of_many_releases_at_once_one_counts()
    {
        var slab = NativeSlab.Allocate(16);
        for (int round = 0; round < 200; round++)
        {
            HeldPin pin = slab.Hold();
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(pin.Dispose)));
        }
        using (HeldPin last = slab.Hold())
        {
            slab.Dispose();
            Assert.False(slab.Reference.IsZero);
        }
        Assert.True(slab.Reference.IsZero);
    }

    [Fact]
    public void I24_holding_and_releasing_allocates_nothing()
    {
        using var slab = NativeSlab.Allocate(16);
        slab.Hold().Dispose();
        slab.Hold().Dispose();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            using HeldPin pin = slab.Hold();
            _ = pin.ReadOnlySlice(3, 5);
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 1000, $"{allocated} bytes");
    }

    [Fact]
    public void A_sequence_spans_more_than_two_GiB()
    {
        const long length = (5L << 30) / 2;
        using var scratch = new ScratchFile(length, sparse: true);
        using var file = MappedFile.Open(scratch.Location);
        using HeldPin pin = file.Hold();
        using (MappedPin bytes = pin.Pin())
        {
            bytes.WriteByte((1L << 30) - 1, 1);
            bytes.WriteByte(1L << 30, 2);
            bytes.WriteByte(length - 1, 3);
            Assert.Throws<InvalidOperationException>(() => { using MappedPin all = file.Pin(); _ = all.Span; });
        }
        ReadOnlySequence<byte> sequence = pin.Sequence(0, length);
        Assert.Equal(length, sequence.Length);
        Assert.False(sequence.IsSingleSegment);
        Assert.Equal([1, 2], sequence.Slice((1L << 30) - 1, 2).ToArray());
        Assert.Equal([3], sequence.Slice(length - 1).ToArray());
        Assert.Equal([1, 2], pin.Sequence((1L << 30) - 1, 2).ToArray());
        Assert.Equal([1, 2], pin.Slice((1L << 30) - 1, 2).ToArray());
        Assert.True(pin.Sequence(1L << 30, 1L << 30).IsSingleSegment);
        Assert.Equal(0, pin.Sequence(length, 0).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => pin.Sequence(1, length));
    }

    [Fact]
    public void Memory_for_reading_only_gives_read_only_memory()
    {
        using var scratch = new ScratchFile(16);
        using var file = MappedFile.Open(scratch.Location, new MappedFileOptions { Access = MemoryMappedFileAccess.Read });
        using HeldPin pin = file.Hold();
        Assert.Throws<InvalidOperationException>(() => pin.Slice(0, 1));
        Assert.Equal(5, pin.ReadOnlySlice(5, 1).Span[0]);
    }
}
