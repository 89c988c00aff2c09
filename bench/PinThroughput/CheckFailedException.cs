namespace Percpu.PinThroughput;

/// <summary>An operation gave a wrong result, a count did not balance, or a path allocated that must not.</summary>
internal sealed class CheckFailedException(string message) : Exception(message);
