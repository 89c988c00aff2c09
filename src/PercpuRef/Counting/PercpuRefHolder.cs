namespace Percpu;

/// <summary>A call site that holds references which nobody has put, as
/// <see cref="PercpuRefOptions.TrackHolders"/> found it.</summary>
/// <param name="CallSite">The method that took them, outside of this library: type, method, and place in it.</param>
/// <param name="Count">How many it holds.</param>
public readonly record struct PercpuRefHolder(string CallSite, long Count)
{
    /// <summary>Count and call site.</summary>
    public override string ToString() => $"{Count} x {CallSite}";
}
