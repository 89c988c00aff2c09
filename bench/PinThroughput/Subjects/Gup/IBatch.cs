using Percpu.Pagemap;

namespace Percpu.PinThroughput.Subjects.Gup;

/// <summary>Pins and unpins a batch as one subject does it. Implemented by structs, so that the loop is compiled for each.</summary>
internal interface IBatch
{
    /// <summary>How many pages were pinned, and given back.</summary>
    static abstract int Run(AddressSpace memory, ulong address, Span<Page> pages);
}
