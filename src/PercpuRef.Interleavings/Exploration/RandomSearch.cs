using System.Numerics;
using Percpu.Interleavings.Model;

namespace Percpu.Interleavings.Exploration;

/// <summary>Chooses at random among all who can go on.</summary>
internal sealed class RandomSearch(int seed) : Search
{
    private readonly Random _random = new(seed);

    internal override bool MoveOn() => true;

    internal override int Choose(Execution execution, ulong enabled) => Choose(_random, enabled);

    internal static int Choose(Random random, ulong enabled)
    {
        for (int skip = random.Next(BitOperations.PopCount(enabled)); skip > 0; skip--)
            enabled &= enabled - 1;
        return BitOperations.TrailingZeroCount(enabled);
    }
}
