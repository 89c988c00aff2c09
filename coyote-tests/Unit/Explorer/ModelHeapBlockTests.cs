using Percpu.Interleavings.Model;

namespace Percpu.Unit.Explorer;

/// <summary>Where the blocks of an execution lie, and which block an address belongs to.</summary>
public sealed unsafe class ModelHeapBlockTests
{
    [Fact]
    public void Blocks_lie_in_lines_with_one_at_least_between_them_and_in_the_same_places_the_next_time()
    {
        var heap = new ModelHeap();
        long[] sizes = [1, 8, 64, 65, 128, 200, 8];
        long[] places = [.. sizes.Select(heap.Allocate)];
        Assert.Equal([0L, 128, 256, 384, 576, 768, 1088], places.Select(place => place - places[0]));
        Assert.Equal(0, places[0] % AddressSpace.Granule);
        heap.Clear();
        Assert.Equal(places, sizes.Select(heap.Allocate));
        heap.Retire();
    }

    [Fact]
    public void A_block_is_zeroed_whole_and_nothing_beside_it()
    {
        var heap = new ModelHeap();
        long* words = (long*)heap.Allocate(32);
        new Span<long>(words, 6).Fill(-1);
        heap.Clear();
        Assert.Equal((nint)words, (nint)heap.Allocate(32));
        Assert.Equal([0, 0, 0, 0, -1, -1], new Span<long>(words, 6).ToArray());
        heap.Retire();
    }

    [Fact]
    public void A_block_larger_than_what_memory_comes_in_has_memory_to_its_end_and_so_has_the_next()
    {
        var heap = new ModelHeap();
        long first = heap.Allocate((1 << 20) - 64), second = heap.Allocate(3 << 20), third = heap.Allocate(8);
        *(long*)(second + (3 << 20) - sizeof(long)) = 1;
        *(long*)third = 2;
        Assert.Equal((first + (1 << 20), second + (3 << 20) + 64), (second, third));
        heap.Retire();
    }

    [Fact]
    public void An_address_belongs_to_the_block_around_it()
    {
        var heap = new ModelHeap();
        long one = heap.Allocate(24), other = heap.Allocate(8);
        long[] pinned = heap.AllocatePinnedWords(3);
        fixed (long* words = pinned)
        {
            Assert.Equal((true, true, true), (heap.Find((long)words)?.Start == (long)words, heap.Find((long)(words + 3) - 1)?.Kind == ModelHeap.BlockKind.Pinned, heap.Find((long)(words + 3)) is null));
            Assert.Equal(24, heap.Find((long)words)!.Value.Bytes);
        }
        long reserved = heap.Reserve(1);
        Assert.Null(heap.Find(reserved));
        Assert.True(heap.Commit(reserved, 4096));
        Assert.Equal(new ModelHeap.Block(ModelHeap.BlockKind.Reserved, reserved, 4096), heap.Find(reserved + 4095));
        Assert.Null(heap.Find(reserved + 4096));
        Assert.True(heap.Commit(reserved + 8192, 100)); // A part that is a block of its own.
        Assert.Equal((reserved + 8192, 100), (heap.Find(reserved + 8291)!.Value.Start, heap.Find(reserved + 8291)!.Value.Bytes));
        Assert.True(heap.Commit(reserved, 8192));
        Assert.Equal(8192, heap.Find(reserved + 8191)!.Value.Bytes);
        Assert.Equal(reserved + (64 << 10), heap.Reserve(64 << 10));
        Assert.Equal(reserved + (128 << 10), heap.Reserve((64 << 10) + 1));
        Assert.Equal(reserved + (256 << 10), heap.Reserve(8));

        Assert.Null(heap.Find(one - 1));
        Assert.Equal(one, heap.Find(one)!.Value.Start);
        Assert.Equal(one, heap.Find(one + 23)!.Value.Start);
        Assert.Null(heap.Find(one + 24));
        Assert.Equal((other, 8, false, ModelHeap.BlockKind.Small), (heap.Find(other + 7)!.Value.Start, heap.Find(other)!.Value.Bytes, heap.Find(other)!.Value.Freed, heap.Find(other)!.Value.Kind));
        Assert.Equal((0, 1, 2, 3), (heap.IndexOf(heap.Find(one)!.Value), heap.IndexOf(heap.Find(other)!.Value), heap.IndexOf(heap.Find(PlaceOf(pinned))!.Value), heap.IndexOf(heap.Find(reserved)!.Value)));
        heap.Clear();
        Assert.Null(heap.Find(one));
        Assert.Null(heap.Find(reserved));
        heap.Retire();
    }

    [Fact]
    public void A_block_is_freed_once_and_stays_known()
    {
        var heap = new ModelHeap();
        long one = heap.Allocate(8), other = heap.Allocate(8);
        Assert.Equal(2, heap.Outstanding);
        Assert.Null(heap.Free(one + 8));
        Assert.Equal(new ModelHeap.Block(ModelHeap.BlockKind.Small, one, 8, Freed: true), heap.Free(one));
        Assert.Null(heap.Free(one));
        Assert.Equal((true, false, 1), (heap.Find(one)!.Value.Freed, heap.Find(other)!.Value.Freed, heap.Outstanding));
        heap.AllocatePinnedWords(1);
        heap.Reserve(8);
        Assert.Equal(1, heap.Outstanding);
        heap.Clear();
        Assert.Equal(0, heap.Outstanding);
        heap.Retire();
    }

    [Fact]
    public void Pinned_words_of_a_length_are_the_same_arrays_in_each_execution_and_different_ones_within_it()
    {
        var heap = new ModelHeap();
        long[][] first = [heap.AllocatePinnedWords(2), heap.AllocatePinnedWords(2), heap.AllocatePinnedWords(3)];
        Assert.Equal([2, 2, 3], first.Select(array => array.Length));
        Assert.Equal(3, first.Distinct(ReferenceEqualityComparer.Instance).Count());
        heap.Clear();
        long[][] second = [heap.AllocatePinnedWords(2), heap.AllocatePinnedWords(2), heap.AllocatePinnedWords(3)];
        Assert.All(Enumerable.Range(0, 3), i => Assert.Same(first[i], second[i]));
        heap.Retire();
    }

    [Fact]
    public void Words_of_fields_have_memory_one_after_the_other_up_to_the_last()
    {
        var heap = new ModelHeap();
        long* word = null;
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < WordHandles.MaxWords; i++)
            {
                int index = heap.AddWord(i, out word);
                if (index != i || word != heap.WordAt(i) || *word != i)
                    Assert.Fail($"Word {i} has index {index}.");
            }
            Assert.Equal(WordHandles.MaxWords, heap.WordCount);
            InsufficientMemoryException refused = Assert.Throws<InsufficientMemoryException>(() => { heap.AddWord(0, out _); });
            Assert.Equal("An execution has at most 262144 words.", refused.Message);
            Assert.Equal(WordHandles.MaxWords - 1, heap.IndexOfWord((long)word + 7));
            Assert.Equal(-1, heap.IndexOfWord((long)(word + 1)));
            heap.Clear();
            Assert.Equal((0, -1), (heap.WordCount, heap.IndexOfWord((long)heap.WordAt(0))));
        }
        heap.AddWord(5, out word);
        heap.AddWord(6, out _);
        Assert.Equal((0, 0, 1, -1, -1), (heap.IndexOfWord((long)word), heap.IndexOfWord((long)word + 7), heap.IndexOfWord((long)word + 8), heap.IndexOfWord((long)word + 16), heap.IndexOfWord((long)word - 1)));
        Assert.Equal(new ModelHeap.Block(ModelHeap.BlockKind.Word, (long)(word + 1), 8), heap.Find((long)(word + 1) + 7));
        heap.Retire();
    }

    [Fact]
    public void A_range_that_is_written_past_the_model_is_zeroed_for_the_next_execution_and_no_other()
    {
        var heap = new ModelHeap();
        long start = heap.Reserve(1 << 16);
        heap.Commit(start, 1 << 16);
        heap.NotePlain(start + 8, 16);
        new Span<long>((void*)start, 4).Fill(-1);
        Assert.Equal(start, heap.FindLeftOver());
        Assert.Equal([-1, 0, 0, -1], new Span<long>((void*)start, 4).ToArray());
        new Span<long>((void*)start, 4).Clear();
        Assert.Null(heap.FindLeftOver());
        heap.NotePlain(start, 32);
        new Span<long>((void*)start, 4).Fill(-1);
        heap.Clear();
        Assert.Null(heap.FindLeftOver());
        new Span<long>((void*)start, 4).Fill(-1);
        heap.Clear(); // It was noted for one execution.
        Assert.Equal(-1, *(long*)start);
        ModelHeap.Zero(start + 8);
        Assert.Equal([-1, 0, -1, -1], new Span<long>((void*)start, 4).ToArray());
        heap.Retire();
    }

    [Fact]
    public void A_new_heap_has_nothing_of_what_lay_in_one_that_is_done_and_two_have_addresses_of_their_own()
    {
        var heap = new ModelHeap();
        long place = heap.Allocate(8);
        *(long*)(place + 64) = 7;
        var beside = new ModelHeap();
        Assert.NotEqual(place, beside.Allocate(8));
        heap.Retire();
        var next = new ModelHeap();
        Assert.Equal(0, *(long*)(next.Allocate(8) + 64));
        next.Retire();
        beside.Retire();
    }

    private static long PlaceOf(long[] pinned)
    {
        fixed (long* words = pinned)
            return (long)words;
    }
}
