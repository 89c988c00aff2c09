using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Epoch;

/// <summary>The same in a using: also an exception leaves the section, for which the JIT keeps the reader on the stack.</summary>
internal sealed class PercpuEpochUsingSubject() : Subject("percpu-epoch-using")
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
            using EpochReader reader = domain.Enter();
            sum += Volatile.Read(in word);
        }
    }
}
