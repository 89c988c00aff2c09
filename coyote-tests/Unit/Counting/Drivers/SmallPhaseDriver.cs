namespace Percpu.Unit.Counting.Drivers;

/// <summary>What runs inside the variant with a phase of one bit: the stress, for which it takes a public class.</summary>
public static class SmallPhaseDriver
{
    public static string? Run(int seed) => Stress.Run(seed, 1000, 2);
}
