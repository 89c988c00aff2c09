using Percpu.Memory;

namespace Percpu.Buffers;

// The awaited form of the end.
public sealed partial class SlabPool
{
    /// <summary>Disposes, and completes when every slab has been unmapped: when all blocks have been returned.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return new ValueTask(Awaiting.All(RetiredSlabs().Select(slab => slab.Released)));
    }
}
