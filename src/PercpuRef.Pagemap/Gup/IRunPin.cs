namespace Percpu.Pagemap;

/// <summary>What a walk without a lock does to the pages it found. Implemented by structs, so that the walk is compiled
/// for each.</summary>
internal interface IRunPin
{
    /// <summary>Pins neighbouring pages of a device, from the first; inside the walk's read section.</summary>
    /// <param name="space">Whose walk it is.</param>
    /// <param name="first">The first page's number.</param>
    /// <param name="count">How many; at least 1.</param>
    /// <param name="held">A map of which the batch holds a reference already, or null; set to the map of these pages.</param>
    /// <returns>How many were pinned: fewer where the map ends, 0 where none is live.</returns>
    static abstract int PinDevice(AddressSpace space, Pfn first, int count, ref DevPagemap? held);

    /// <summary>Pins one page of RAM, which its entry holds.</summary>
    static abstract void PinRam(Page page);

    /// <summary>Gives back what this pinned.</summary>
    static abstract void Unpin(ReadOnlySpan<Page> pages);
}
