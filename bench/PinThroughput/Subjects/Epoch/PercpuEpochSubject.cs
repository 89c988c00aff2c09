using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Epoch;

internal sealed class PercpuEpochSubject() : Subject("percpu-epoch")
{
    private readonly EpochDomain _domain = new();

    internal override Loop CreateLoop(int thread) => new EpochLoop<Section>(new Section(_domain));

    internal override void CheckBalance()
    {
        // A section that was not left would block for ever.
        Check(_domain.SynchronizeAsync().Wait(TimeSpan.FromSeconds(10)), "a read section was not left.");
    }

    protected override void Free() => _domain.Dispose();

    private readonly struct Section(EpochDomain domain) : ISection
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public long Read(ref readonly long word)
        {
            using EpochReader reader = domain.Enter();
            return Volatile.Read(in word);
        }
    }
}
