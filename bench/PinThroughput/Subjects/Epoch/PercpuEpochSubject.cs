using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Epoch;

/// <summary>Enter and exit, without a finally, like every other subject of <c>epoch</c>.</summary>
internal sealed class PercpuEpochSubject() : Subject("percpu-epoch")
{
    private readonly EpochDomain _domain = new();

    internal override Loop CreateLoop(int thread) => new EpochLoop<Section>(new Section(_domain));

    internal override void CheckBalance() => EpochBalance.Check(_domain, Check);

    protected override void Free() => _domain.Dispose();

    private readonly struct Section(EpochDomain domain) : ISection
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Read(ref readonly long word, ref long sum)
        {
            EpochReader reader = domain.Enter();
            sum += Volatile.Read(in word);
            reader.Dispose();
        }
    }
}
