namespace Percpu.Buffers;

// Apart from the other parts because unsafe code cannot await.
public sealed partial class SlabPool
{
    /// <summary>Disposes, and completes when every slab has been unmapped: when all blocks have been returned.</summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        foreach (MappedMemory slab in RetiredSlabs())
            await slab.Released.ConfigureAwait(false);
    }
}
