using System.Runtime.CompilerServices;
using Percpu.Pagemap;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Pagemap;

/// <summary>The map's reference without a table: what the other two are measured against. Comes last, and so checks
/// that all three together left no count.</summary>
internal sealed class PinSubject(Maps maps) : Subject("pin")
{
    internal override Loop CreateLoop(int thread) => new FrameLoop<Pin>(default, maps, thread);

    internal override void CheckBalance() => Check(maps.KillAll(), "the counts are not zero after the kill.");

    private readonly struct Pin : IFramePin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryTake(Pfn pfn, DevPagemap map) => map.Contains(pfn) && map.Reference.TryGetLive();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Drop(DevPagemap map) => map.Reference.Put();
    }
}
