using Percpu.Memory;

namespace Percpu.Pagemap;

// For walks over areas.
public sealed unsafe partial class AddressSpace
{
    /// <summary>The area of an address, or else the next one behind it; null if there is none. Under the map lock.</summary>
    /// <remarks>Kernel: <c>find_vma</c>.</remarks>
    internal Area? NextArea(ulong address) => Array.Find(Atomic.LoadReference(ref _areas), each => each.End > address);
}
