using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Pin;

/// <summary>A subject of <c>pin</c>, or with <paramref name="timed"/> of <c>pin-latency</c>.</summary>
internal abstract class PinSubject(string id, bool timed) : Subject(id)
{
    protected Loop LoopOf<TPin>(TPin pin) where TPin : struct, IPin => timed ? new TimedPinLoop<TPin>(pin) : new PinLoop<TPin>(pin);
}
