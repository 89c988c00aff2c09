using Percpu.Buffers;

namespace Percpu.Torture.Workloads.Mapped;

/// <summary>An open file with what its bytes must be. Replaced as a whole, so that readers get both or neither.</summary>
internal sealed record MappedPlace(MappedFile File, byte[] Pattern);
