using System.Runtime.CompilerServices;

namespace Percpu.Memory;

/// <summary>A walk over banks, row by row: each step gives areas that stand side by side.</summary>
/// <remarks>The one way in which stripes are scanned: <c>foreach (Bank bank in banks.Walk())</c>, then
/// <c>bank.First(place)</c> and on by the stride.</remarks>
internal unsafe struct AreaWalk
{
    private readonly long* _bases;
    private readonly int _count;
    private int _row;

    internal AreaWalk(long* bases, int count)
    {
        _bases = bases;
        _count = count;
        _row = -1;
    }

    public readonly Bank Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            int first = FirstIndex;
            int areas = Math.Min((_count - first + StripeLayout.Rows - 1) / StripeLayout.Rows, StripeLayout.RowThreads);
            return new Bank(Atomic.LoadPublished(_bases + _row / StripeLayout.Rows), first, areas);
        }
    }

    private readonly int FirstIndex => _row / StripeLayout.Rows * PerProcess.BankThreads + _row % StripeLayout.Rows;

    // Rows get their first areas in order: behind a row without one there is no row with one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        _row++;
        return FirstIndex < _count;
    }

    public readonly AreaWalk GetEnumerator() => this;

    /// <summary>A row of a bank, and the areas in it that were published.</summary>
    internal readonly struct Bank(long address, int firstIndex, int areas)
    {
        internal int Areas => areas;

        /// <summary>The index of the first area; that of the next is <see cref="StripeLayout.Rows"/> more.</summary>
        internal int FirstIndex => firstIndex;

        /// <summary>The word at a place in the first area.</summary>
        internal long First(long place) => address + place + StripeLayout.PositionOf(firstIndex) * StripeLayout.Stride;

        /// <summary>Where the word at a place in the next area would be.</summary>
        internal long End(long place) => First(place) + areas * StripeLayout.Stride;

        /// <summary>The first hazard line.</summary>
        internal long Hazards => address + StripeLayout.PositionOf(firstIndex) * StripeLayout.LineBytes;
    }
}
