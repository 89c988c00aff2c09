using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Unit.Counting;

/// <summary>The inside of a reference, for tests that stop a thread in the middle of an operation.</summary>
internal static unsafe class Inside
{
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_words")]
    private static extern ref RefWords* WordsField(PercpuRef reference);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "TryGetSlow")]
    internal static extern bool TryGetSlow(PercpuRef reference, long count, long stripe, long refusing);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "PutSlow")]
    internal static extern void PutSlow(PercpuRef reference, long count, long stripe);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "UndoMisuse")]
    internal static extern void UndoMisuse(PercpuRef reference, long change);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "Has")]
    internal static extern bool Has(PercpuRef reference, long flag);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "Set")]
    internal static extern void Set(PercpuRef reference, long flag);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "Clear")]
    internal static extern void Clear(PercpuRef reference, long flag);

    /// <summary>What is left of a time-out that began at a time stamp.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "Left")]
    internal static extern TimeSpan Left(PercpuRef? type, TimeSpan timeout, long start);

    /// <summary>A time, or the longest that a thread can wait if that is less.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "Longest")]
    internal static extern TimeSpan Longest(PercpuRef? type, TimeSpan time);

    internal static RefWords* Words(PercpuRef reference) => WordsField(reference);

    /// <summary>The number of the slot: equal for two references, the later one recycled it.</summary>
    internal static long Number(PercpuRef reference) => reference.Number;

    internal static long Place(PercpuRef reference) => StripeLayout.PlaceOf(reference.Number);

    /// <summary>The calling thread's stripe, in any mode.</summary>
    internal static long* Stripe(PercpuRef reference) => (long*)((PerThread.Area ^ StripeLayout.Flag) + Place(reference));

    /// <summary>References held, in a moment when nobody changes anything.</summary>
    internal static long Count(PercpuRef reference) => reference.ApproximateCount;

    internal static bool IsSwitchLocked(PercpuRef reference) => (Words(reference)->State & WordLock.Mask) != 0;

    /// <summary>The first half of a get (or, negative, a put): counted, and stopped before the second look at the mode.</summary>
    internal static StoppedOperation Begin(PercpuRef reference, long count)
    {
        StoppedOperation operation = Look(reference, count);
        operation.Add();
        return operation;
    }

    /// <summary>The first look at the mode only: stopped before it counts.</summary>
    internal static StoppedOperation Look(PercpuRef reference, long count)
    {
        Assert.SkipWhen(PercpuStripes.Kind == StripeKind.Cpu, "With stripes per CPU an operation is one section: nobody can stop between two looks.");
        if (PerThread.Area == 0)
        {
            reference.Get(); // A thread's first operation gives it its area.
            reference.Put();
        }
        long word = Atomic.LoadAcquire(&Words(reference)->Mode);
        Assert.True(StripeLayout.IsPercpu(word), "The reference must be in percpu mode.");
        return new StoppedOperation(reference, count, PerThread.Area + word, word);
    }
}

/// <summary>An operation between its two looks at the mode. Its thread must finish it.</summary>
internal sealed unsafe class StoppedOperation(PercpuRef reference, long count, long stripe, long word)
{
    internal void Add() => Atomic.AddLocal((long*)stripe, count);

    /// <summary>The second half of a <see cref="PercpuRef.TryGetLive"/>.</summary>
    internal bool FinishTryGetLive() => FinishTryGet(CountWord.Dead | CountWord.Released);

    /// <summary>The second half of a <see cref="PercpuRef.TryGet"/>.</summary>
    internal bool FinishTryGet(long refusing = CountWord.Released) =>
        ModeIsTheSame || Inside.TryGetSlow(reference, count, stripe, refusing);

    /// <summary>The second half of a <see cref="PercpuRef.Put"/>.</summary>
    internal void FinishPut()
    {
        if (!ModeIsTheSame)
            Inside.PutSlow(reference, -count, stripe);
    }

    private bool ModeIsTheSame => Atomic.LoadAcquire(&Inside.Words(reference)->Mode) == word;
}
