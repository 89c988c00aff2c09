namespace Percpu.Memory;

/// <summary>All state that belongs to the process as a whole.</summary>
internal static class PerProcess
{
    /// <summary>The stripes in which every reference and every epoch reader of the process counts.</summary>
    internal static readonly StripeSet Stripes = new();
}
