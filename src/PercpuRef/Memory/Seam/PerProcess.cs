namespace Percpu.Memory;

/// <summary>All state that belongs to the process as a whole.</summary>
internal static class PerProcess
{
    /// <summary>A process has one EventSource of a name: of a second one no listener hears anything.</summary>
    internal const string EventSourceName = "Percpu";

    /// <summary>The stripes in which every reference and every epoch reader of the process counts.</summary>
    internal static readonly StripeSet Stripes = new();
}
