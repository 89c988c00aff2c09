using Percpu.Pagemap;

namespace Percpu.Unit.Gup;

/// <summary>What a <see cref="SpaceModel"/> knows of a page of RAM or of the device.</summary>
internal sealed class ModelFrame(Pfn? pfn, bool isDevice)
{
    /// <summary>Of a page of RAM unknown until it has been seen in an entry: which one is free is not the model's business.</summary>
    internal Pfn? Pfn { get; set; } = pfn;

    internal bool IsDevice { get; } = isDevice;

    internal byte[] Data { get; } = new byte[GupMachine.PageSize];

    internal PageFlags Marks { get; set; }

    /// <summary>Pins, entries and the space's own hold of its page of zeros.</summary>
    internal long Holders { get; set; }
}
