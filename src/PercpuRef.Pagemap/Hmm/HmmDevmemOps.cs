namespace Percpu.Pagemap;

/// <summary>What a driver does with the pages of its unaddressable memory. Drivers use these, never the map's own callbacks.</summary>
/// <remarks>Kernel: <c>struct hmm_devmem_ops</c>.</remarks>
public abstract class HmmDevmemOps
{
    /// <summary>Nobody holds a page any more: its count fell to 1.</summary>
    /// <param name="devmem">Its memory.</param>
    /// <param name="page">The callback owns it alone. Its driver data are as they were left.</param>
    /// <remarks>Called once each time, on the thread that put the page. May take locks, must not wait for a grace period.
    /// An exception reaches whoever put the page. Kernel: <c>free</c>.</remarks>
    protected internal abstract void Free(HmmDevmem devmem, Page page);

    /// <summary>The processor accesses, or somebody pins, an address whose bytes lie in the device.</summary>
    /// <param name="devmem">The memory.</param>
    /// <param name="area">The area of the address; its map is read-locked, so it stays.</param>
    /// <param name="address">The address.</param>
    /// <param name="page">The page that was found there: a hint, for looking driver data up. Another thread may have
    /// migrated it meanwhile, and it may be free or belong to another address by now. Must not be changed.</param>
    /// <param name="write">Whether it is a write.</param>
    /// <returns>How it went. Unless it is an error, the address must be backed by the host's memory again, or have been so
    /// in between.</returns>
    /// <remarks>May migrate more pages than the faulting one, but must migrate that one first. May be called by several
    /// threads for the same address at once. An exception reaches whoever accessed. Kernel: <c>fault</c>.</remarks>
    protected internal abstract FaultResult Fault(HmmDevmem devmem, Area area, ulong address, Page page, bool write);
}
