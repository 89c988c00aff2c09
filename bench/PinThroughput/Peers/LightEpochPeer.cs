using System.Runtime.CompilerServices;
using FASTER.core;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Peers;

/// <summary>FASTER's <c>LightEpoch</c>.</summary>
internal static class LightEpochPeer
{
    internal static IReadOnlyList<Peer> Pins { get; } = [new("light-epoch", () => new PinSubject())];

    /// <summary>Also without leaving: what costs least is to stay inside and to refresh, as a server's loop does.</summary>
    internal static IReadOnlyList<Peer> Sections { get; } =
        [new("light-epoch", () => new SectionSubject()), new("light-epoch-refresh", () => new RefreshSubject())];

    private sealed class PinSubject() : Subject("light-epoch")
    {
        private readonly LightEpoch _epoch = new();

        internal override Loop CreateLoop(int thread) => new PinLoop<Pin>(new Pin(_epoch));

        protected override void Free() => _epoch.Dispose();
    }

    private sealed class SectionSubject() : Subject("light-epoch")
    {
        private readonly LightEpoch _epoch = new();

        internal override Loop CreateLoop(int thread) => new EpochLoop<Section>(new Section(_epoch));

        protected override void Free() => _epoch.Dispose();
    }

    private sealed class RefreshSubject() : Subject("light-epoch-refresh")
    {
        private readonly LightEpoch _epoch = new();

        internal override Loop CreateLoop(int thread) => new RefreshLoop(_epoch);

        protected override void Free() => _epoch.Dispose();
    }

    private readonly struct Pin(LightEpoch epoch) : IPin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryTake()
        {
            epoch.Resume();
            return true;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Drop() => epoch.Suspend();
    }

    private readonly struct Section(LightEpoch epoch) : ISection
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Read(ref readonly long word, ref long sum)
        {
            epoch.Resume();
            sum += Volatile.Read(in word);
            epoch.Suspend();
        }
    }

    /// <summary>Enters once a chunk; within it an operation is a refresh.</summary>
    private sealed class RefreshLoop(LightEpoch epoch) : ChunkLoop
    {
        private readonly long[] _word = [1];

        [MethodImpl(MethodImplOptions.NoInlining)]
        protected override long RunChunk(int chunk)
        {
            LightEpoch local = epoch;
            ref readonly long word = ref _word[0];
            long sum = 0;
            local.Resume();
            for (int i = 0; i < Operations; i++)
            {
                local.ProtectAndDrain();
                sum += Volatile.Read(in word);
            }
            local.Suspend();
            return sum;
        }
    }
}
