using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Pin;

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
