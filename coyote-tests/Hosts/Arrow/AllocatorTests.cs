using System.Buffers;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Percpu.Arrow;
using Percpu.Unit.Support;

namespace Percpu.HostTests.Arrow;

public sealed class AllocatorTests
{
    private static readonly int[] Lengths = [1, 63, 64, 65, 4_095, 4_096, 4_097, 1 << 20, (1 << 20) + 1, 5_000_001];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public unsafe void Buffers_are_aligned_of_the_exact_length_writable_and_cleared_by_choice(bool clear)
    {
        using var allocator = new PercpuArrowAllocator(clear);
        foreach (int length in Lengths)
        {
            for (int round = 0; round < 3; round++)
            {
                using IMemoryOwner<byte> owner = allocator.Allocate(length);
                Assert.Equal(length, owner.Memory.Length);
                using MemoryHandle handle = owner.Memory.Pin();
                Assert.Equal(0, (nint)handle.Pointer % 64);
                if (clear)
                    Assert.Equal(-1, owner.Memory.Span.IndexOfAnyExcept((byte)0));
                owner.Memory.Span.Fill(0xAB);
            }
        }
        Assert.Equal(Lengths.Length * 3, allocator.Statistics.Allocations);
        Assert.Equal(0, allocator.Allocate(0).Memory.Length);
    }

    [Theory]
    [InlineData(1, 64, 64 << 10)]
    [InlineData(64, 64, 64 << 10)]
    [InlineData(65, 128, 128 << 10)]
    [InlineData(4_096, 4_096, 4 << 20)]
    [InlineData(4_097, 8_192, 4 << 20)]
    [InlineData((512 << 10) + 1, 1 << 20, 4 << 20)]
    [InlineData(1 << 20, 1 << 20, 4 << 20)]
    [InlineData((1 << 20) + 1, (1 << 20) + 1, (1 << 20) + 1)]
    public void What_a_buffer_takes_is_told_and_so_is_what_was_mapped_for_it(int length, int taken, int mapped)
    {
        using var allocator = new PercpuArrowAllocator();
        Assert.Equal(0, allocator.MappedBytes);
        IMemoryOwner<byte> owner = allocator.Allocate(length);
        Assert.Equal(taken, allocator.Statistics.BytesAllocated);
        Assert.Equal(mapped, allocator.MappedBytes);
        owner.Dispose();
        allocator.RetireSlabs();
        Assert.Equal(0, allocator.MappedBytes);
    }

    [Fact]
    public void I62_disposed_under_live_buffers_it_unmaps_each_slab_when_its_last_buffer_is_disposed()
    {
        var allocator = new PercpuArrowAllocator();
        IMemoryOwner<byte>[] owners = [.. Lengths.Select(allocator.Allocate)];
        foreach (IMemoryOwner<byte> owner in owners)
            owner.Memory.Span.Fill(1);
        allocator.Dispose();
        Assert.Throws<ObjectDisposedException>(() => allocator.Allocate(100));
        Assert.Throws<ObjectDisposedException>(() => allocator.Allocate(2 << 20));
        Assert.True(allocator.MappedBytes > 0);
        foreach (IMemoryOwner<byte> owner in owners)
        {
            Assert.Equal(-1, owner.Memory.Span.IndexOfAnyExcept((byte)1));
            Memory<byte> memory = owner.Memory;
            owner.Dispose();
            owner.Dispose();
            Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        }
        Assert.Equal(0, allocator.MappedBytes);
    }

    [Fact]
    public void Arrows_own_readers_and_builders_use_it()
    {
        using var folder = new TempFolder();
        string path = ArrowFiles.Write(folder, stream: true, batches: 4, rows: 20_000);
        using var allocator = new PercpuArrowAllocator(clear: false);
        using (var reader = new ArrowStreamReader(System.IO.File.OpenRead(path), allocator))
        {
            int batches = 0;
            for (; reader.ReadNextRecordBatch() is { } batch; batches++)
            {
                Assert.Equal(19_999, ((Int64Array)batch.Column(0)).GetValue(19_999));
                batch.Dispose();
            }
            Assert.Equal(4, batches);
        }
        using (Int64Array built = new Int64Array.Builder().AppendRange(Enumerable.Range(0, 10_000).Select(i => (long)i)).Build(allocator))
        {
            using ArrayData shared = built.Data.SliceShared(10, 20);
            Assert.Equal(9_999, built.GetValue(9_999));
        }
        Assert.True(allocator.Statistics.Allocations >= 5);
        allocator.RetireSlabs();
        Assert.Equal(0, allocator.MappedBytes);
    }

    [Fact]
    public void Buffers_of_many_threads_never_overlap()
    {
        using var allocator = new PercpuArrowAllocator();
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 4 }, thread =>
        {
            var random = new Random(thread);
            var held = new Queue<(IMemoryOwner<byte> Owner, byte Mark)>();
            for (int i = 0; i < 2_000; i++)
            {
                IMemoryOwner<byte> owner = allocator.Allocate(random.Next(1, 20_000));
                byte mark = (byte)random.Next(1, 256);
                owner.Memory.Span.Fill(mark);
                held.Enqueue((owner, mark));
                if (held.Count < 10)
                    continue;
                (IMemoryOwner<byte> old, byte expected) = held.Dequeue();
                Assert.Equal(-1, old.Memory.Span.IndexOfAnyExcept(expected));
                old.Dispose();
            }
            foreach ((IMemoryOwner<byte> owner, _) in held)
                owner.Dispose();
        });
        allocator.Dispose();
        Assert.Equal(0, allocator.MappedBytes);
    }
}
