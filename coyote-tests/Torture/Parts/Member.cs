using System.Runtime.CompilerServices;

namespace Percpu.Torture.Parts;

/// <summary>
/// One thread of a workload and all that it alone writes. Counting in words of its own keeps the torture from adding
/// fences that would hide a missing one.
/// </summary>
internal sealed unsafe class Member(int index, string role, ulong seed, long* inside)
{
    internal const int Places = 64;

    [ThreadStatic]
    private static Member? t_current;

    private readonly long* _inside = inside;
    private readonly long[] _net = new long[Places];
    private readonly long[] _tally = new long[(int)Tallied.Count];
    private long _sequence;

    /// <summary>The member whose thread this is: callbacks run on whichever thread proves something.</summary>
    internal static Member Current
    {
        get => t_current ?? throw new InvalidOperationException("A callback ran on a thread that is not of the crew.");
        set => t_current = value;
    }

    internal int Index { get; } = index;

    /// <summary>Whether a kill is under way on this thread, to tell where releases happen.</summary>
    internal bool IsKilling { get; set; }

    internal Rng Random { get; } = new(seed, index);

    internal AgeHistogram Ages { get; } = new();

    internal EventTrail Trail { get; } = new();

    internal long Tally(Tallied what) => _tally[(int)what];

    internal void Count(Tallied what, long count = 1) => _tally[(int)what] += count;

    internal void CountMax(Tallied what, long value) => _tally[(int)what] = Math.Max(_tally[(int)what], value);

    /// <summary>Says that this thread is about to take a reference of a place: see <see cref="KillWatch"/>. No fence;
    /// on the contrary: killers read this line, so that our store to it misses and holds up, in the store buffer, the
    /// one of the get behind it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Begin(int place) => Volatile.Write(ref *_inside, (++_sequence << 8) | Whereabouts.InsideBit | (long)(uint)place);

    /// <summary>Not inside any more, but still about at the place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void End() => Volatile.Write(ref *_inside, *_inside & ~Whereabouts.InsideBit);

    /// <summary>References of a place that this thread took minus those that it put. May be negative: hand-overs.</summary>
    internal long Net(int place) => Volatile.Read(ref _net[place]);

    /// <summary>After a get, and before a put: then the sum over all threads is 0 whenever nobody holds any.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void ChangeNet(int place, long change)
    {
        Volatile.Write(ref _net[place], _net[place] + change);
        Volatile.WriteBarrier(); // Before the put's own store, which is a plain one.
    }

    public override string ToString() => $"{role} {Index}";
}
