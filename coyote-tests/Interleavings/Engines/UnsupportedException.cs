namespace Percpu.Interleavings.Engines;

/// <summary>What was asked for cannot be done here, and that says nothing about the checked source.</summary>
public sealed class UnsupportedException(string message) : Exception(message);
