using Percpu.Interleavings.Model;

namespace Percpu.Unit.Explorer;

/// <summary>In which order what a thread stores and reads late may leave its buffer.</summary>
public sealed unsafe class StoreBufferTests
{
    private const int InOrder = 1, Overtaking = 4;

    private static readonly LateRead Late = new(() => 0, _ => true, "");

    [Fact]
    public void In_one_lane_stores_leave_in_their_order()
    {
        var buffer = new StoreBuffer();
        Assert.False(buffer.CanLeave(0));
        Store(buffer, InOrder, [7, 8, 7], release: [false, true, false]);
        Assert.Equal(3, buffer.Count);
        Assert.Equal([0, 1, 2], Leave(buffer, [0, 0, 0]));
        Assert.False(buffer.CanLeave(0));
        Assert.Equal(0, buffer.Count);
    }

    [Fact]
    public void A_store_is_kept_as_it_was_made()
    {
        var buffer = new StoreBuffer();
        long word = 0;
        buffer.Add(7, &word, value: 70, step: 5, release: false, InOrder);
        StoreBuffer.Entry entry = buffer.Remove(0);
        Assert.Equal((7, 70, 5, true, 0), (entry.Word, entry.Value, entry.Step, entry.Address == &word, entry.Lane));
        Assert.Null(entry.Read);
    }

    [Fact]
    public void A_thread_reads_its_newest_store_to_a_word()
    {
        var buffer = new StoreBuffer();
        Store(buffer, Overtaking, [7, 8, 7, 8]);
        Assert.True(buffer.TryForward(7, out long value));
        Assert.Equal(2, value);
        Assert.True(buffer.TryForward(8, out value));
        Assert.Equal(3, value);
        Assert.False(buffer.TryForward(9, out value));
        Assert.Equal(0, value);
        Assert.Equal((true, false), (buffer.Stores(7), buffer.Stores(9)));
        buffer.Clear();
        Assert.Equal((0, false), (buffer.Count, buffer.Stores(7)));
    }

    [Fact]
    public void Stores_to_other_words_overtake_and_those_to_one_word_do_not()
    {
        var buffer = new StoreBuffer();
        Store(buffer, Overtaking, [7, 8, 9, 7]);
        Assert.Equal([true, true, true, false], Lanes(buffer));
        Assert.Equal([2, 1, 0, 3], Leave(buffer, [2, 1, 0, 0]));
    }

    [Fact]
    public void Words_beyond_the_third_share_its_lane_in_their_order_and_none_has_that_of_late_reads()
    {
        var buffer = new StoreBuffer();
        Store(buffer, Overtaking, [1, 2, 3, 4, 5, 6, 7, 8]);
        Assert.Equal([true, true, true, false], Lanes(buffer));
        Assert.Equal([2, 3, 4, 5, 6, 7, 1, 0], Leave(buffer, [2, 2, 2, 2, 2, 2, 1, 0]));
    }

    [Fact]
    public void A_word_keeps_its_lane_until_the_next_execution()
    {
        var buffer = new StoreBuffer();
        Store(buffer, Overtaking, [7, 8]);
        Leave(buffer, [0, 1]);
        Store(buffer, Overtaking, [8]);
        Assert.Equal([false, true, false, false], Lanes(buffer));
        buffer.Clear();
        Store(buffer, Overtaking, [8]);
        Assert.Equal([true, false, false, false], Lanes(buffer));
    }

    [Fact]
    public void A_release_waits_for_all_that_came_before_and_holds_nothing_back()
    {
        var buffer = new StoreBuffer();
        Store(buffer, Overtaking, [7, 8, 9], release: [false, true, false]);
        Assert.Equal([true, false, true, false], Lanes(buffer));
        Leave(buffer, [2]);
        Assert.False(buffer.CanLeave(1));
        Leave(buffer, [0]);
        Assert.True(buffer.CanLeave(1));
    }

    [Fact]
    public void Nothing_overtakes_across_a_fence_of_writes()
    {
        var buffer = new StoreBuffer();
        Store(buffer, Overtaking, [7, 8]);
        buffer.KeepOrder();
        Store(buffer, Overtaking, [9]);
        Assert.Equal([true, true, false, false], Lanes(buffer));
        Leave(buffer, [1]);
        Assert.False(buffer.CanLeave(2));
        Leave(buffer, [0]);
        Assert.True(buffer.CanLeave(2));
        buffer.Clear();
        Store(buffer, Overtaking, [7, 9]);
        Assert.True(buffer.CanLeave(1), "A fence of the execution before holds a store back.");
    }

    [Fact]
    public void A_late_read_happens_before_stores_to_its_word_and_releases_and_keeps_nothing_else()
    {
        var buffer = new StoreBuffer();
        Store(buffer, Overtaking, [6]);
        buffer.KeepOrder();
        buffer.AddRead(7, Late, step: 1, Overtaking);
        Assert.True(buffer.CanLeave(3), "No fence holds a late read back.");
        Assert.Equal((true, true, false), (buffer.HasReads, buffer.Reads(7), buffer.Reads(6)));
        Assert.False(buffer.Stores(7));
        Leave(buffer, [0]);
        Store(buffer, Overtaking, [8, 7]);
        Assert.Equal([false, true, false, true], Lanes(buffer)); // Lane 0 is that of word 6.
        Store(buffer, Overtaking, [6], release: [true]);
        Leave(buffer, [1]);
        Assert.Equal([false, false, false, true], Lanes(buffer));
        StoreBuffer.Entry read = buffer.Remove(3);
        Assert.Equal((7, 1, true), (read.Word, read.Step, ReferenceEquals(read.Read, Late)));
        Assert.Equal((false, false), (buffer.HasReads, buffer.Reads(7)));
        Assert.Equal([false, false, true, false], Lanes(buffer));
        Leave(buffer, [2]);
        Assert.True(buffer.CanLeave(0));
    }

    // The value of each tells which it is.
    private static void Store(StoreBuffer buffer, int lanes, int[] words, bool[]? release = null)
    {
        for (int i = 0; i < words.Length; i++)
            buffer.Add(words[i], null, value: i, step: i, release is not null && release[i], lanes);
    }

    private static bool[] Lanes(StoreBuffer buffer) => [.. Enumerable.Range(0, Overtaking).Select(buffer.CanLeave)];

    private static long[] Leave(StoreBuffer buffer, int[] lanes) => [.. lanes.Select(lane =>
    {
        Assert.True(buffer.CanLeave(lane));
        return buffer.Remove(lane).Value;
    })];
}
