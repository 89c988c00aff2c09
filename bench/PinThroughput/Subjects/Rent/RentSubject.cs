using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Rent;

/// <summary>Something that rents, and how it is checked and given back.</summary>
internal sealed class RentSubject<TRent>(string id, TRent rent, bool mayAllocate = false, Action? free = null, Func<bool>? isBalanced = null) : Subject(id)
    where TRent : struct, IRent
{
    internal const int Bytes = 4096;

    internal override bool MayAllocate => mayAllocate;

    internal override Loop CreateLoop(int thread) => new RentLoop(rent);

    internal override void CheckBalance() => Check(isBalanced?.Invoke() ?? true, "blocks are left.");

    protected override void Free() => free?.Invoke();

    private sealed class RentLoop(TRent rent) : ChunkLoop
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        protected override long RunChunk(int chunk)
        {
            TRent local = rent;
            long sum = 0;
            for (int i = 0; i < Operations; i++)
                sum += local.RentAndReturn();
            return sum;
        }
    }
}
