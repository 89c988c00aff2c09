namespace Percpu.PinThroughput;

/// <summary>A subject cannot run here. It gets no row, and a line with the reason.</summary>
internal sealed class NotAvailableException(string reason) : Exception(reason);
