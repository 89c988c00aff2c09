using System.Runtime.CompilerServices;
using Percpu.Memory;
using Percpu.Unit.Counting;

namespace Percpu.Unit.Memory;

public sealed unsafe class WordLockTests
{
    private readonly long[] _memory = NativeBlocks.AllocatePinnedWords(8);
    private long _unguarded;

    private long* Word => Pinned.Address(_memory, 0);

    [Fact]
    public void I14_two_threads_are_never_inside_together()
    {
        const int rounds = 20_000;
        Action body = () =>
        {
            for (int i = 0; i < rounds; i++)
            {
                WordLock.Enter(Word);
                _unguarded++; // Lost updates show two threads inside.
                if (i % 64 == 0)
                    Thread.Yield();
                WordLock.Exit(Word);
            }
        };
        Threads.Run(body, body, body);
        Assert.Equal(3 * rounds, _unguarded);
        Assert.Equal(0, Atomic.LoadAcquire(Word));
    }

    [Fact]
    public void I14_a_lock_that_nobody_holds_cannot_be_given_back()
    {
        Assert.Throws<SynchronizationLockException>(() => WordLock.Exit(Word));
        WordLock.Enter(Word);
        WordLock.Exit(Word);
        Assert.Throws<SynchronizationLockException>(() => WordLock.Exit(Word));
    }

    [Fact]
    public void A_scope_holds_the_lock_until_it_is_left_by_an_exception_too_and_allocates_nothing()
    {
        for (int i = 0; i < 2; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            using (WordLock.EnterScope(Word))
                Assert.False(WordLock.TryEnter(Word));
            Assert.True(i == 0 || GC.GetAllocatedBytesForCurrentThread() == before);
        }
        Assert.Throws<IOException>(ThrowInside);
        Assert.Equal(0, Atomic.LoadAcquire(Word));
    }

    private void ThrowInside()
    {
        using WordLock.Scope held = WordLock.EnterScope(Word);
        throw new IOException();
    }

    // A method whose last use of its object is inside the scope: the exit must not write to memory that serves another.
    [Fact]
    public void A_scope_keeps_the_array_of_its_word_alive()
    {
        WeakReference array = Hold(static seen =>
        {
            GC.Collect();
            Assert.True(seen.IsAlive);
        });
        GC.Collect();
        Assert.False(array.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Hold(Action<WeakReference> inside)
    {
        using WordLock.Scope held = WordLock.EnterScope(Create(out WeakReference array));
        inside(array);
        return array;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long* Create(out WeakReference array)
    {
        long[] words = NativeBlocks.AllocatePinnedWords(8);
        array = new WeakReference(words);
        return Pinned.Address(words, 0);
    }

    [Fact]
    public void TryEnter_fails_while_held_and_never_waits()
    {
        Assert.True(WordLock.TryEnter(Word));
        Assert.False(WordLock.TryEnter(Word));
        WordLock.Exit(Word);
        Assert.True(WordLock.TryEnter(Word));
        WordLock.Exit(Word);
    }

    [Fact]
    public void Exit_wakes_a_sleeper_and_the_last_one_leaves_it_free()
    {
        WordLock.Enter(Word);
        int entered = 0;
        OneThread[] sleepers = [Threads.Start(Pass), Threads.Start(Pass), Threads.Start(Pass)];
        foreach (OneThread sleeper in sleepers)
            Threads.WaitUntil(() => (sleeper.Thread.ThreadState & ThreadState.WaitSleepJoin) != 0);
        Assert.Equal(0, entered);
        WordLock.Exit(Word);
        foreach (OneThread sleeper in sleepers)
            sleeper.Join();
        Assert.Equal(3, entered);
        Assert.True(WordLock.TryEnter(Word));

        void Pass()
        {
            WordLock.Enter(Word);
            entered++;
            WordLock.Exit(Word);
        }
    }

    [Fact]
    public void An_interrupted_thread_still_gets_the_lock_and_keeps_its_interrupt()
    {
        WordLock.Enter(Word);
        bool entered = false, interrupted = false;
        OneThread thread = Threads.Start(() =>
        {
            WordLock.Enter(Word);
            entered = true;
            WordLock.Exit(Word);
            try
            {
                Thread.Sleep(Timeout.Infinite);
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        });
        Threads.WaitUntil(() => (thread.Thread.ThreadState & ThreadState.WaitSleepJoin) != 0);
        thread.Thread.Interrupt();
        WordLock.Exit(Word);
        thread.Join();
        Assert.True(entered);
        Assert.True(interrupted);
    }
}
