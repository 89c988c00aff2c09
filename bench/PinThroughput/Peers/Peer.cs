using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Peers;

/// <summary>A subject that <c>--peers</c> adds: how to make it, or why it cannot run here.</summary>
internal sealed record Peer(string Id, Func<Subject>? Create, string? NotRun = null);
