namespace Percpu.Interleavings.Exploration;

/// <summary>The same choices led to another execution than before: a stale trace, or a scenario that is not deterministic.</summary>
internal sealed class NotReproducibleException(string message) : Exception(message);
