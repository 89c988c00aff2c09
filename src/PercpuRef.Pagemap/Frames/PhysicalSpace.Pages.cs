namespace Percpu.Pagemap;

// Pages of RAM.
public sealed unsafe partial class PhysicalSpace
{
    /// <summary>A page of RAM filled with zeros, held once: <see cref="Page.Put"/> frees it.</summary>
    /// <exception cref="InsufficientMemoryException">The space has no free page of RAM.</exception>
    /// <exception cref="ObjectDisposedException">The space was disposed.</exception>
    /// <remarks>Kernel: <c>alloc_page(GFP_HIGHUSER | __GFP_ZERO)</c>.</remarks>
    public Page AllocatePage()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        Page page = Ram.TryAllocate(out bool fresh);
        if (page.IsNull)
            throw new InsufficientMemoryException("The space has no free page of RAM.");
        if (!fresh)
            Memory(page).Clear();
        return page;
    }

    /// <summary>Pages of RAM that somebody holds.</summary>
    public long AllocatedPages => Ram.Used;
}
