using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Pin;

/// <summary>A count and a flag under a <see cref="Lock"/>, taken for the pin and again for the unpin.</summary>
internal sealed class LockSubject(bool timed = false) : PinSubject("lock", timed)
{
    private readonly State _state = new();

    internal override bool MayAllocate => true; // A thread that has to wait for it makes an event, once.

    internal override Loop CreateLoop(int thread) => LoopOf(new Pin(_state));

    internal override void CheckBalance() => Check(_state.Count == 1, $"the count is {_state.Count} instead of 1.");

    private readonly struct Pin(State state) : IPin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryTake()
        {
            lock (state.Lock)
            {
                if (state.Killed)
                    return false;
                state.Count++;
                return true;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Drop()
        {
            lock (state.Lock)
                state.Count--;
        }
    }

    private sealed class State
    {
        internal Lock Lock { get; } = new();

        internal long Count { get; set; } = 1;

        internal bool Killed { get; set; }
    }
}
