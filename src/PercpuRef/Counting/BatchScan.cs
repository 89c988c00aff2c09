using System.Buffers;
using Percpu.Memory;

namespace Percpu;

/// <summary>One scan for many references: thread by thread what all of them have there, and each hazard pointer read once.</summary>
/// <remarks>All memory is taken at the beginning: nothing can fail while locks are held.</remarks>
internal unsafe ref struct BatchScan
{
    private readonly long[]? _memory;
    private readonly int _capacity;
    private int _count;
    private int _announced;

    /// <summary>Throws OutOfMemoryException.</summary>
    internal BatchScan(int capacity)
    {
        _capacity = capacity;
        _memory = ArrayPool<long>.Shared.Rent(6 * capacity);
    }

    private readonly Span<long> Words => Part(0);

    private readonly Span<long> Phases => Part(1);

    private readonly Span<long> Places => Part(2);

    private readonly Span<long> Sums => Part(3);

    private readonly Span<long> Names => Part(4)[.._announced];

    private readonly Span<long> Named => Part(5)[.._announced];

    internal void Clear() => _count = _announced = 0;

    /// <summary>Adds a reference whose bound is unknown since the phase began.</summary>
    internal void Add(long* words, long number, long phase, bool announced)
    {
        Words[_count] = (long)words;
        Phases[_count] = phase;
        Places[_count] = StripeLayout.PlaceOf(number);
        if (announced)
        {
            _announced++;
            Names[^1] = (long)words;
            Named[^1] = _count;
        }
        _count++;
    }

    internal readonly void Run()
    {
        if (_count == 0)
            return;
        Sums[.._count].Clear();
        Names.Sort(Named);
        StripeSet stripes = PerProcess.Stripes;
        stripes.AddCounts(Places[.._count], Sums);
        stripes.AddHazards(Names, Named, Sums);
    }

    /// <summary>Whether the entry of this position is there and of these words.</summary>
    internal readonly bool IsOf(int index, long* words) => index < _count && Words[index] == (long)words;

    internal readonly long SumAt(int index) => Sums[index];

    internal readonly long PhaseAt(int index) => Phases[index];

    internal readonly void Dispose()
    {
        if (_memory is not null)
            ArrayPool<long>.Shared.Return(_memory);
    }

    private readonly Span<long> Part(int part) => _memory.AsSpan(part * _capacity, _capacity);
}
