using Percpu.Pagemap;

namespace Percpu.PinThroughput.Subjects.Pagemap;

/// <summary>A table with 64 maps of 2,048 frames, each in a section of its own.</summary>
internal sealed class Maps : IDisposable
{
    internal const int Count = 64;
    internal const ulong Frames = 2_048;
    private const ulong FirstFrame = 8 * PagemapTable.PagesPerSection;

    internal Maps()
    {
        for (int i = 0; i < Count; i++)
            All[i] = Table.Register(new PfnRange(FrameOf(i, 0), Frames), new PercpuRef());
    }

    internal PagemapTable Table { get; } = new();

    internal DevPagemap[] All { get; } = new DevPagemap[Count];

    internal static Pfn FrameOf(int map, ulong frame) => new(FirstFrame + (ulong)map * PagemapTable.PagesPerSection + frame);

    /// <summary>Whether no count is left after all are killed.</summary>
    internal bool KillAll()
    {
        PercpuRef[] references = [.. All.Select(map => map.Reference)];
        if (!references[0].IsDying)
            PercpuRef.KillAll(references);
        return references.All(reference => reference.IsZero);
    }

    public void Dispose()
    {
        KillAll();
        foreach (DevPagemap map in All)
            Table.Unregister(map);
    }
}
