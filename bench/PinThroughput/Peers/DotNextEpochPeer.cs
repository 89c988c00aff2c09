using System.Runtime.CompilerServices;
using DotNext.Threading;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Peers;

/// <summary>DotNext's <c>Epoch</c>: a read section that frees nothing.</summary>
internal static class DotNextEpochPeer
{
    internal static IReadOnlyList<Peer> Sections { get; } = [new("dotnext-epoch", () => new SectionSubject())];

    private sealed class SectionSubject() : Subject("dotnext-epoch")
    {
        private readonly DotNext.Threading.Epoch _epoch = new();

        internal override Loop CreateLoop(int thread) => new EpochLoop<Section>(new Section(_epoch));
    }

    private readonly struct Section(DotNext.Threading.Epoch epoch) : ISection
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Read(ref readonly long word, ref long sum)
        {
            using DotNext.Threading.Epoch.Scope scope = epoch.Enter();
            sum += Volatile.Read(in word);
        }
    }
}
