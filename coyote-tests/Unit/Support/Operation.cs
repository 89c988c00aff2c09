namespace Percpu.Unit.Support;

/// <summary>One operation of a random sequence: what kind, and three numbers of 0 to 2^30 - 1 to take its arguments from.</summary>
internal readonly record struct Operation(int Kind, int First, int Second, int Third)
{
    /// <summary>A number below a bound, from one of the three.</summary>
    internal static ulong Below(int number, ulong bound) => (ulong)number * 0x1_0000_0001 % bound;
}
