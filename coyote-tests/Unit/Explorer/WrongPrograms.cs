extern alias interleavings;
using Percpu.Interleavings;
using Atomic = interleavings::Percpu.Memory.Atomic;
using Backoff = interleavings::Percpu.Memory.Backoff;
using NativeBlocks = interleavings::Percpu.Memory.NativeBlocks;
using Parking = interleavings::Percpu.Memory.Parking;
using WordLock = interleavings::Percpu.Memory.WordLock;

namespace Percpu.Unit.Explorer;

/// <summary>A small program for each kind of violation, which each engine must find: the explorer's own and Coyote.</summary>
internal static unsafe class WrongPrograms
{
    internal static TestScenario LostUpdate() => new(stage =>
    {
        long* count = stage.Word("count");
        for (int i = 0; i < 2; i++)
            stage.NewThread($"{i}", () => Atomic.StoreRelease(count, Atomic.LoadAcquire(count) + 1));
        stage.Finally(() => stage.Check(*count == 2, $"count is {*count}"));
    });

    /// <summary>Two threads, "a" and "b", take the locks "one" and "other" in opposite order.</summary>
    internal static TestScenario Deadlock() => new(stage =>
    {
        long* one = stage.Word("one");
        long* other = stage.Word("other");
        stage.NewThread("a", () => Nest(one, other));
        stage.NewThread("b", () => Nest(other, one));
        stage.NewThread("bystander", () => Nest(stage.Word("third"), stage.Word("fourth")));
    });

    internal static TestScenario LostWakeUp() => new(stage =>
    {
        long* flag = stage.Word("flag");
        long* bell = stage.Word("bell");
        stage.NewThread("waker", () =>
        {
            Atomic.Exchange(flag, 1);
            Parking.WakeAll(bell);
        });
        stage.NewThread("sleeper", () =>
        {
            if (Atomic.LoadAcquire(flag) == 0)
                Parking.Wait(bell, 0); // Nothing ties the flag to the bell: the wake-up can come in between.
        });
    });

    /// <summary>Right, unlike the others: the limits end both sleeps.</summary>
    internal static TestScenario SleepsWithALimit() => new(stage =>
    {
        long* flag = stage.Word("flag");
        stage.NewThread("sleeper", () => Parking.Wait(flag, 0, 10));
        stage.NewThread("other sleeper", () => Parking.Wait(flag, 0, 10));
    });

    internal static TestScenario PollThatNobodyAnswers() => new(stage =>
    {
        long* flag = stage.Word("flag");
        stage.NewThread("poller", () =>
        {
            while (Atomic.LoadAcquire(flag) == 0)
                default(Backoff).Pause();
        });
        stage.NewThread("other", () => Atomic.StoreRelease(flag, 0));
    });

    internal static TestScenario LoopWithoutEnd() => new(stage =>
    {
        long* flag = stage.Word("flag");
        stage.NewThread("spinner", () =>
        {
            while (Atomic.LoadAcquire(flag) == 0)
            {
            }
        });
        stage.NewThread("other", () => Atomic.LoadAcquire(flag));
    });

    internal static TestScenario UseAfterFree() => new(stage =>
    {
        long* block = (long*)NativeBlocks.Allocate(64);
        stage.NewThread("user", () => Atomic.LoadAcquire(block));
        stage.NewThread("owner", () => NativeBlocks.Free(block));
    });

    internal static TestScenario EscapingException() => new(stage =>
    {
        long* word = stage.Word("word");
        stage.NewThread("thrower", () =>
        {
            Atomic.FetchAdd(word, 1);
            throw new InvalidDataException("broken");
        });
        stage.NewThread("other", () => Parking.Wait(word, 0));
    });

    private static void Nest(long* outer, long* inner)
    {
        WordLock.Enter(outer);
        WordLock.Enter(inner);
        WordLock.Exit(inner);
        WordLock.Exit(outer);
    }
}
