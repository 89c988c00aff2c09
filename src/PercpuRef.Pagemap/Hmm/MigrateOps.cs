namespace Percpu.Pagemap;

/// <summary>How a driver moves the bytes of pages, and learns what came of it.</summary>
/// <remarks>Kernel: <c>struct migrate_vma_ops</c>.</remarks>
public abstract class MigrateOps
{
    /// <summary>Allocates a page for each source and copies its bytes.</summary>
    /// <param name="area">Where they are mapped.</param>
    /// <param name="start">Address of the first.</param>
    /// <param name="sources">A page each, out of everybody's reach meanwhile; <c>default</c> where there is none to move.</param>
    /// <param name="destinations">To be filled: a locked page, held once; <c>default</c> leaves the source where it is.</param>
    /// <remarks>After an exception everything stays where it was, and the destinations are put. A destination that is not
    /// locked, of another space, or for no source is such an exception, of the migration itself. Kernel: <c>alloc_and_copy</c>.</remarks>
    protected internal abstract void AllocateAndCopy(Area area, ulong start, ReadOnlySpan<Page> sources, Span<Page> destinations);

    /// <summary>Everything is mapped; sources with a destination are about to be freed.</summary>
    /// <inheritdoc cref="AllocateAndCopy"/>
    /// <remarks>Kernel: <c>finalize_and_map</c>.</remarks>
    protected internal virtual void FinalizeAndMap(Area area, ulong start, ReadOnlySpan<Page> sources, ReadOnlySpan<Page> destinations)
    {
    }

    /// <summary>A page that was to be moved is held by somebody, and stays.</summary>
    internal virtual void FoundHeld(ulong address)
    {
    }
}
