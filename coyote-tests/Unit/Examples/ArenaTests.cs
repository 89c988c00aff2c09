using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Percpu.Examples.Arena;

namespace Percpu.Unit.Examples;

public sealed class ArenaTests
{
    [Fact]
    public void Blocks_are_distinct_aligned_and_of_the_size_asked()
    {
        using var arena = new ArenaAllocator(4096);
        using ArenaThread thread = arena.Attach();
        var blocks = Enumerable.Range(1, 100).Select(thread.Allocate).ToList();
        for (int i = 0; i < blocks.Count; i++)
            blocks[i].Span.Fill((byte)i);
        for (int i = 0; i < blocks.Count; i++)
        {
            Assert.Equal(i + 1, blocks[i].Length);
            Assert.Equal(0, blocks[i].Address % 16);
            Assert.Equal(-1, blocks[i].Span.IndexOfAnyExcept((byte)i));
        }
        blocks.ForEach(block => block.Free());
    }

    [Fact]
    public void A_region_is_used_again_when_its_last_block_is_freed()
    {
        using var arena = new ArenaAllocator(4096);
        using ArenaThread thread = arena.Attach();
        for (int round = 0; round < 1000; round++)
            thread.Allocate(1024).Free();
        Assert.True(arena.MappedBytes <= 2 * 4096, $"{arena.MappedBytes} bytes");
        ArenaBlock kept = thread.Allocate(1024);
        kept.Span.Fill(7);
        for (int round = 0; round < 1000; round++)
            thread.Allocate(1024).Free();
        Assert.Equal(-1, kept.Span.IndexOfAnyExcept((byte)7));
        kept.Free();
    }

    [Fact]
    public void Everything_is_given_back_when_all_blocks_are_freed_and_the_arena_is_disposed()
    {
        var arena = new ArenaAllocator(4096);
        ArenaThread thread = arena.Attach();
        ArenaBlock last = thread.Allocate(10);
        thread.Dispose();
        arena.Dispose();
        Assert.Equal(4096, arena.MappedBytes);
        last.Span.Clear();
        last.Free();
        arena.Reclaim();
        Assert.Equal(0, arena.MappedBytes);
        Assert.Throws<ObjectDisposedException>(() => thread.Allocate(1));
        Assert.Throws<ObjectDisposedException>(() => arena.Attach().Allocate(1));
    }

    [Fact]
    public void An_address_is_held_as_long_as_its_block_is_in_use()
    {
        using var arena = new ArenaAllocator(4096);
        ArenaThread thread = arena.Attach();
        ArenaBlock block = thread.Allocate(100);
        thread.Dispose();
        Assert.True(arena.TryHold(block.Address + 50, out ArenaBlock hold));
        block.Free();
        hold.Span[0] = 1;
        Assert.True(arena.TryHold(hold.Address, out ArenaBlock second));
        second.Free();
        hold.Free();
        Assert.False(arena.TryHold(hold.Address, out _));
        Assert.False(arena.TryHold(0, out _));
    }

    [Fact]
    public async Task Blocks_freed_on_other_threads_while_addresses_are_looked_up_stay_whole()
    {
        var arena = new ArenaAllocator(16 << 10);
        using var queue = new BlockingCollection<(ArenaBlock Block, long Mark)>(256);
        var consumers = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(() =>
        {
            foreach ((ArenaBlock block, long mark) in queue.GetConsumingEnumerable())
            {
                Assert.True(arena.TryHold(block.Address, out ArenaBlock hold));
                block.Free();
                Assert.Equal(mark, MemoryMarshal.Read<long>(hold.Span));
                hold.Free();
            }
        }, TaskCreationOptions.LongRunning)).ToArray();
        var producers = Enumerable.Range(0, 2).Select(producer => Task.Factory.StartNew(() =>
        {
            using ArenaThread thread = arena.Attach();
            for (int i = 0; i < 10_000; i++)
            {
                ArenaBlock block = thread.Allocate(64 + i % 500);
                long mark = producer * 1_000_000L + i;
                MemoryMarshal.Write(block.Span, mark);
                queue.Add((block, mark));
            }
        }, TaskCreationOptions.LongRunning)).ToArray();
        await Task.WhenAll(producers);
        queue.CompleteAdding();
        await Task.WhenAll(consumers);
        arena.Dispose();
        arena.Reclaim();
        Assert.Equal(0, arena.MappedBytes);
    }

    [Fact]
    public void Allocating_and_freeing_inside_a_region_allocates_nothing_managed()
    {
        using var arena = new ArenaAllocator(1 << 20);
        using ArenaThread thread = arena.Attach();
        thread.Allocate(64).Free();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
            thread.Allocate(64).Free();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Wrong_sizes_are_refused()
    {
        using var arena = new ArenaAllocator(4096);
        using ArenaThread thread = arena.Attach();
        Assert.Throws<ArgumentOutOfRangeException>(() => thread.Allocate(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => thread.Allocate(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => thread.Allocate(4097));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ArenaAllocator(100));
        thread.Allocate(4096).Free();
    }
}
