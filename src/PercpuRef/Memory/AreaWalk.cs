using System.Runtime.CompilerServices;

namespace Percpu.Memory;

/// <summary>A walk over banks: each step gives one bank and how many areas it has.</summary>
/// <remarks>The one way in which stripes are scanned: <c>foreach (Bank bank in banks.Walk())</c>, then
/// <c>bank.First(place)</c> and on by the stride.</remarks>
internal unsafe struct AreaWalk
{
    private readonly long* _bases;
    private int _left;
    private int _bank;

    internal AreaWalk(long* bases, int count)
    {
        _bases = bases;
        _left = count;
        _bank = -1;
    }

    public readonly Bank Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Atomic.LoadPublished(_bases + _bank), Math.Min(_left, PerProcess.BankThreads));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        if (_bank >= 0)
            _left -= PerProcess.BankThreads;
        _bank++;
        return _left > 0;
    }

    public readonly AreaWalk GetEnumerator() => this;

    /// <summary>A bank and the areas in it that were published.</summary>
    internal readonly struct Bank(long address, int areas)
    {
        internal int Areas => areas;

        /// <summary>The word at a place in the first area.</summary>
        internal long First(long place) => address + place;

        /// <summary>Where the word at a place in the next area would be.</summary>
        internal long End(long place) => address + place + areas * StripeLayout.Stride;

        /// <summary>The first hazard line.</summary>
        internal long Hazards => address;
    }
}
