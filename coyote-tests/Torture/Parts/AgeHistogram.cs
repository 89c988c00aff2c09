namespace Percpu.Torture.Parts;

/// <summary>
/// How old the objects were that readers found while they held them, as rcutorture counts it: 0 published, 1 killed or
/// unlinked but still held, 2 released, 3 and up long released. Ages beyond 1 must be 0.
/// </summary>
internal sealed class AgeHistogram
{
    internal const int Ages = 11;

    private readonly long[] _counts = new long[Ages];

    /// <summary>Counts an age; garbage (a block that was freed already) counts as the oldest.</summary>
    internal void Add(long age) => _counts[age is >= 0 and < Ages ? (int)age : Ages - 1]++;

    /// <summary>Counts many at once, for loops that keep their own tally.</summary>
    internal void Add(long age, long count) => _counts[(int)age] += count;

    internal void AddTo(long[] total)
    {
        for (int i = 0; i < Ages; i++)
            total[i] += _counts[i];
    }
}
