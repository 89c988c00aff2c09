namespace Percpu.Pagemap;

/// <summary>Neighbouring pages that neighbouring entries name, or one large entry.</summary>
/// <param name="First">The first page's number.</param>
/// <param name="Count">How many; 1 for a page of RAM in an entry of its own.</param>
/// <param name="IsDevice">Pages of a device's map; else of RAM.</param>
internal readonly record struct EntryRun(ulong First, int Count, bool IsDevice);
