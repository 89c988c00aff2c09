namespace Percpu.Interleavings.Model;

/// <summary>A read of whose value nothing in its thread depends: where the machine is free to, it happens after later stores.</summary>
/// <param name="Value">The value, when it happens.</param>
/// <param name="Holds">Looks at it; must not touch anything shared.</param>
/// <param name="Otherwise">What went wrong if it does not hold.</param>
internal sealed record LateRead(Func<long> Value, Func<long, bool> Holds, string Otherwise);
