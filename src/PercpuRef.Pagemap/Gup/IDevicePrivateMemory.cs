namespace Percpu.Pagemap;

/// <summary>Who brings pages of unaddressable memory back. The <see cref="DevPagemap.Driver"/> of such a map.</summary>
/// <remarks>Kernel: <c>dev_page_fault_t</c>, the pagemap's <c>page_fault</c>.</remarks>
internal interface IDevicePrivateMemory
{
    /// <summary>An access or a pin met a device-private entry. The map lock is held for reading; no read section is open.</summary>
    /// <param name="area">The area of the address.</param>
    /// <param name="address">A multiple of the page size.</param>
    /// <param name="page">The page the entry named; a hint, it may be stale.</param>
    /// <param name="write">Whether the access writes.</param>
    FaultResult Fault(Area area, ulong address, Page page, bool write);
}
