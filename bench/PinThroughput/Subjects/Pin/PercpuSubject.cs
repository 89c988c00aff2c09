using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Pin;

internal sealed class PercpuSubject(bool timed = false) : PinSubject("percpu-ref", timed)
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
