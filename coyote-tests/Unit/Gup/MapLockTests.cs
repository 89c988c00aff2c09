using Percpu.Memory;
using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Gup;

/// <summary>Who gets the lock of an address space at once, and who sleeps.</summary>
public sealed unsafe class MapLockTests
{
    private readonly long[] _memory = NativeBlocks.AllocatePinnedWords(8);

    private long* Word => Pinned.Address(_memory, 0);

    private long* Writers => Pinned.Address(_memory, 1);

    [Fact]
    public void Readers_enter_a_free_lock_at_once_and_beside_each_other()
    {
        for (int round = 0; round < 2; round++)
        {
            AssertEnters(() => MapLock.EnterRead(Word));
            AssertEnters(() => MapLock.EnterRead(Word));
            Assert.Equal(2, Atomic.LoadAcquire(Word));
            MapLock.ExitRead(Word);
            MapLock.ExitRead(Word);
            Assert.Equal(0, Atomic.LoadAcquire(Word));
        }
    }

    [Fact]
    public void A_writer_enters_a_free_lock_at_once_and_leaves_it_free()
    {
        for (int round = 0; round < 2; round++)
        {
            AssertEnters(() => MapLock.EnterWrite(Word, Writers));
            Assert.False(WordLock.TryEnter(Writers));
            MapLock.ExitWrite(Word, Writers);
            Assert.Equal((0, 0), (Atomic.LoadAcquire(Word), Atomic.LoadAcquire(Writers)));
        }
        AssertEnters(() => MapLock.EnterRead(Word));
    }

    [Fact]
    public void A_writer_waits_for_the_last_reader_and_keeps_new_ones_out_until_it_has_left()
    {
        AssertEnters(() => MapLock.EnterRead(Word));
        AssertEnters(() => MapLock.EnterRead(Word));
        Entering writer = AssertSleeps(() => MapLock.EnterWrite(Word, Writers));
        Entering reader = AssertSleeps(() => MapLock.EnterRead(Word));
        MapLock.ExitRead(Word);
        Assert.False(writer.Entered || reader.Entered); // One is still inside.
        MapLock.ExitRead(Word);
        writer.Thread.Join("the last reader to leave");
        Assert.False(reader.Entered);
        MapLock.ExitWrite(Word, Writers);
        reader.Thread.Join("the writer to leave");
        Assert.Equal(1, Atomic.LoadAcquire(Word));
    }

    [Fact]
    public void Of_two_writers_one_waits_until_the_other_has_left()
    {
        AssertEnters(() => MapLock.EnterWrite(Word, Writers));
        Entering second = AssertSleeps(() => MapLock.EnterWrite(Word, Writers));
        MapLock.ExitWrite(Word, Writers);
        second.Thread.Join("the first writer to leave");
        MapLock.ExitWrite(Word, Writers);
        Assert.Equal((0, 0), (Atomic.LoadAcquire(Word), Atomic.LoadAcquire(Writers)));
    }

    private static void AssertEnters(Action enter)
    {
        Entering entering = Start(enter);
        Assert.True(entering.Entered, "It sleeps before a lock that lets it in.");
        entering.Thread.Join();
    }

    private static Entering AssertSleeps(Action enter)
    {
        Entering entering = Start(enter);
        Assert.False(entering.Entered, "It has entered a lock that is taken.");
        return entering;
    }

    // Until it has entered or sleeps.
    private static Entering Start(Action enter)
    {
        var entering = new Entering(enter);
        Worker.AwaitTrue(() => entering.Entered || (entering.Thread.Thread.ThreadState & ThreadState.WaitSleepJoin) != 0);
        return entering;
    }

    private sealed class Entering
    {
        private bool _entered;

        internal Entering(Action enter) => Thread = new Worker(() =>
        {
            enter();
            Volatile.Write(ref _entered, true);
        });

        internal Worker Thread { get; }

        internal bool Entered => Volatile.Read(ref _entered);
    }
}
