using System.Runtime.CompilerServices;
using BitFaster.Caching.Counters;
using NonBlocking;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Peers;

/// <summary>Counters of packages that spread their adds over several words. They only count: nobody can kill them, nor learn that they
/// came to zero. An operation is an increment and a decrement.</summary>
internal static class CounterPeers
{
    internal static IReadOnlyList<Peer> Pins { get; } =
        [new("bitfaster-counter", () => new BitFasterSubject()), new("nonblocking-counter64", () => new NonBlockingSubject())];

    private sealed class BitFasterSubject() : Subject("bitfaster-counter")
    {
        private readonly Counter _counter = new();

        internal override bool MayAllocate => true; // It adds words when threads meet.

        internal override Loop CreateLoop(int thread) => new PinLoop<Pin>(new Pin(_counter));

        internal override void CheckBalance() => Check(_counter.Count() == 0, $"the count is {_counter.Count()} instead of 0.");

        private readonly struct Pin(Counter counter) : IPin
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public bool TryTake()
            {
                counter.Increment();
                return true;
            }

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public void Drop() => counter.Add(-1);
        }
    }

    private sealed class NonBlockingSubject() : Subject("nonblocking-counter64")
    {
        private readonly Counter64 _counter = new();

        internal override bool MayAllocate => true; // As above.

        internal override Loop CreateLoop(int thread) => new PinLoop<Pin>(new Pin(_counter));

        internal override void CheckBalance() => Check(_counter.Value == 0, $"the count is {_counter.Value} instead of 0.");

        private readonly struct Pin(Counter64 counter) : IPin
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public bool TryTake()
            {
                counter.Increment();
                return true;
            }

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public void Drop() => counter.Decrement();
        }
    }
}
