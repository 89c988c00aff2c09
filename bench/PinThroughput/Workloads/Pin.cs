using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Peers;

namespace Percpu.PinThroughput.Workloads;

internal sealed class PinWorkload : Workload
{
    internal override string Id => "pin";

    internal override string Operation => "take a reference unless it was killed, and give it back";

    internal override string Yardstick => "percpu-ref";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-ref", "interlocked", "safe-handle", "rwlock-slim"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref"];

    internal override IReadOnlyList<Peer> DotNetPeers =>
        [
            new("striped-interlocked", () => new StripedInterlockedSubject()),
            new("lock", () => new LockSubject()),
            .. CounterPeers.Pins,
            .. LightEpochPeer.Pins,
        ];

    internal override bool HasNativePeers => true;

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters) =>
        new([new PercpuPinSubject(), new InterlockedSubject(), new SafeHandleSubject(), new RwLockSubject()]);
}

internal sealed class PinLatencyWorkload : Workload
{
    internal override string Id => "pin-latency";

    internal override string Operation => "one pin and unpin, timed by itself: the time includes that of the clock";

    internal override string Yardstick => "percpu-ref";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-ref", "interlocked", "safe-handle", "rwlock-slim", "clock"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref"];

    internal override bool IsCompared => false;

    internal override IReadOnlyList<Peer> DotNetPeers =>
        [new("striped-interlocked", () => new StripedInterlockedSubject(timed: true)), new("lock", () => new LockSubject(timed: true))];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters) =>
        new([new PercpuPinSubject(timed: true), new InterlockedSubject(timed: true), new SafeHandleSubject(timed: true), new RwLockSubject(timed: true), new ClockSubject()]);
}

/// <summary>A reference as one subject counts it. Implemented by structs, so that the loop is compiled for each.</summary>
internal interface IPin
{
    /// <summary>Takes a reference; false once killed.</summary>
    bool TryTake();

    void Drop();
}

/// <summary>A subject of <c>pin</c>, or with <paramref name="timed"/> of <c>pin-latency</c>.</summary>
internal abstract class PinSubject(string id, bool timed) : Subject(id)
{
    protected Loop LoopOf<TPin>(TPin pin) where TPin : struct, IPin => timed ? new TimedPinLoop<TPin>(pin) : new PinLoop<TPin>(pin);
}

/// <summary>The hot loop of every subject of <c>pin</c>.</summary>
internal sealed class PinLoop<TPin>(TPin pin) : ChunkLoop
    where TPin : struct, IPin
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    protected override long RunChunk(int chunk)
    {
        TPin local = pin;
        long taken = 0;
        for (int i = 0; i < Operations; i++)
        {
            if (!local.TryTake())
                continue;
            taken++;
            local.Drop();
        }
        return taken;
    }
}

/// <summary>Looks at the clock before and after every pin and unpin.</summary>
internal sealed class TimedPinLoop<TPin>(TPin pin) : Loop
    where TPin : struct, IPin
{
    internal override LatencyHistogram Latency { get; } = new();

    internal override Tally Run(long duration)
    {
        long begin = Stopwatch.GetTimestamp(), operations = 0, ticks = 0, now;
        do
        {
            ticks += RunSome();
            operations += Some;
            now = Stopwatch.GetTimestamp();
        }
        while (now - begin < duration);
        return new Tally(operations, ticks, 0);
    }

    private const int Some = 1_000;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long RunSome()
    {
        TPin local = pin;
        long ticks = 0;
        for (int i = 0; i < Some; i++)
        {
            long start = Stopwatch.GetTimestamp();
            if (!local.TryTake())
                throw new CheckFailedException("a pin was refused although nothing was killed.");
            local.Drop();
            long took = Stopwatch.GetTimestamp() - start;
            Latency.Record(took);
            ticks += took;
        }
        return ticks;
    }
}

internal sealed class PercpuPinSubject(bool timed = false) : PinSubject("percpu-ref", timed)
{
    private readonly PercpuRef _reference = new();

    internal override Loop CreateLoop(int thread) => LoopOf(new Pin(_reference));

    internal override void CheckBalance()
    {
        _reference.Kill();
        Check(_reference.IsZero && _reference.Released.IsCompletedSuccessfully, "the count is not zero after the kill.");
    }

    private readonly struct Pin(PercpuRef reference) : IPin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryTake() => reference.TryGetLive();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Drop() => reference.Put();
    }
}

/// <summary>The least that counts correctly: one shared word, negative once killed, and an event at the last drop.</summary>
internal sealed class InterlockedSubject(bool timed = false) : PinSubject("interlocked", timed)
{
    private readonly Word _word = new() { Count = 1 };

    internal override Loop CreateLoop(int thread) => LoopOf(new Pin(_word));

    internal override void CheckBalance() => Check(_word.Count == 1 && _word.Releases == 0, $"the count is {_word.Count} instead of 1.");

    private readonly struct Pin(Word word) : IPin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryTake()
        {
            if (Interlocked.Increment(ref word.Count) > 0)
                return true;
            Interlocked.Decrement(ref word.Count);
            return false;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Drop()
        {
            if (Interlocked.Decrement(ref word.Count) is 0 or long.MinValue)
                word.Releases++;
        }
    }

    /// <summary>The count has its cache lines to itself.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private sealed class Word
    {
        [FieldOffset(128)]
        internal long Count;

        [FieldOffset(136)]
        internal long Releases;
    }
}

/// <summary>Nothing between the two looks at the clock: what the other times include.</summary>
internal sealed class ClockSubject() : PinSubject("clock", timed: true)
{
    internal override Loop CreateLoop(int thread) => LoopOf(default(Nothing));

    private readonly struct Nothing : IPin
    {
        public bool TryTake() => true;

        public void Drop()
        {
        }
    }
}
