namespace Percpu.Pagemap;

/// <summary>A half-open range of page frames.</summary>
/// <param name="Start">The first frame.</param>
/// <param name="Length">The number of frames.</param>
/// <remarks>Kernel: <c>struct resource</c> of a memory range.</remarks>
public readonly record struct PfnRange(Pfn Start, ulong Length)
{
    /// <summary>The first frame after the range.</summary>
    /// <exception cref="OverflowException">The range wraps.</exception>
    public Pfn End => new(checked(Start.Value + Length));

    /// <summary>First frame and length in hexadecimal, also of a range that wraps.</summary>
    public override string ToString() => $"pfn 0x{Start.Value:x}+0x{Length:x}";

    /// <summary>Whether a frame lies in the range.</summary>
    public bool Contains(Pfn pfn) => pfn.Value - Start.Value < Length;

    /// <summary>Whether two ranges share a frame.</summary>
    public bool Overlaps(PfnRange other) => Length != 0 && other.Length != 0 && (Contains(other.Start) || other.Contains(Start));
}
