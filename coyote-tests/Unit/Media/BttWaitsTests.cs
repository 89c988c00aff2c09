using System.Reflection;
using Percpu.Memory;
using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

/// <summary>Readers and writers of an arena that wait for each other: what they find afterwards, and what becomes of an interrupt.</summary>
public sealed unsafe class BttWaitsTests
{
    private readonly BttInfo _info = SmallBtt.Info(5, 512, 1);
    private readonly RoomMedium _medium;
    private readonly BttArena _arena;

    public BttWaitsTests()
    {
        _medium = new RoomMedium(SmallBtt.LengthFor(_info));
        SmallBtt.Format(_medium, _info);
        _arena = SmallBtt.Open(_medium, _info);
    }

    [Fact]
    public void I74_who_waited_for_a_sector_while_another_write_failed_half_way_changes_nothing_more()
    {
        long* held = Word("MapLock", 3U);
        Assert.True(WordLock.TryEnter(held));
        Exception? thrown = null;
        var writer = new Worker(() => thrown = Caught.By(() => _arena.Write(3, new byte[512])));
        Worker.AwaitTrue(() => (Atomic.LoadAcquire(Word("MapLock", 3U)) & WordLock.Mask) == 2);
        Atomic.StoreRelease(Word("get_Broken"), 1);
        int before = _medium.Steps.Count;
        WordLock.Exit(held);
        writer.Join("the lock of a sector, which is free");
        Assert.Contains("half-way", Assert.IsType<IOException>(thrown).Message, StringComparison.Ordinal);
        Assert.Equal(before, _medium.Steps.Count);
        Assert.True((Atomic.LoadAcquire(held) & WordLock.Mask) == 0 && (Atomic.LoadAcquire(Word("Lane", 0U)) & WordLock.Mask) == 0, "A lock is still held.");
    }

    [Fact]
    public void I70_an_interrupt_of_a_reader_that_waits_for_a_place_and_of_a_writer_that_waits_for_readers_is_postponed()
    {
        int readers = (int)typeof(BttArena).GetField("_readers", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(_arena)!;
        Assert.True(int.IsPow2(readers));
        // As many places as there may be readers at once, each a word of its own.
        Assert.Equal(readers, Enumerable.Range(0, readers).Select(i => (long)Word("Reader", i)).Distinct().Count());
        SetAll(1000);
        AssertPostponed(() => _arena.Read(2, new byte[512]));
        SetAll(5 + 1); // The block that is free.
        AssertPostponed(() => _arena.Write(2, new byte[512]));
        for (int i = 0; i < readers; i++)
            Assert.Equal(0, Atomic.LoadAcquire(Word("Reader", i)));

        void SetAll(long word)
        {
            for (int i = 0; i < readers; i++)
                Atomic.StoreRelease(Word("Reader", i), word);
        }

        void AssertPostponed(Action call)
        {
            bool ended = false, interrupted = false;
            var worker = new Worker(() =>
            {
                call();
                Volatile.Write(ref ended, true);
                interrupted = Caught.By(static () => Thread.Sleep(0)) is ThreadInterruptedException;
            });
            worker.Thread.Interrupt();
            Assert.False(worker.Thread.Join(30));
            Assert.False(Volatile.Read(ref ended));
            SetAll(0);
            worker.Join("readers that are gone");
            Assert.True(interrupted, "The interrupt is lost.");
        }
    }

    private long* Word(string member, params object[] arguments) =>
        (long*)Pointer.Unbox(typeof(BttArena).GetMethod(member, BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(_arena, arguments)!);
}
