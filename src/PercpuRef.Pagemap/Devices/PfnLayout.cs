namespace Percpu.Pagemap;

/// <summary>How a namespace whose pages have frames is mapped.</summary>
/// <param name="Range">What is mapped with pages.</param>
/// <param name="Altmap">Where on the medium its frames go; null for the host's memory.</param>
/// <param name="DataOffset">Where data begin, from the namespace's start.</param>
/// <param name="DataLength">Their bytes.</param>
/// <remarks>Kernel: <c>nvdimm_setup_pfn</c>.</remarks>
internal readonly record struct PfnLayout(PfnRange Range, VmemAltmap? Altmap, long DataOffset, long DataLength)
{
    // Pages in front that hold the info block.
    private const ulong Reserve = 2;

    private const ulong FramesPerPage = 1UL << (Pfn.PageShift - PageFrame.FrameShift);

    internal static PfnLayout Of(PmemNamespace space, NamespaceContent content)
    {
        if (content.Legacy is { } legacy)
        {
            VmemAltmap? altmap = AltmapOf(space, space.Range, (ulong)legacy.DataOffset >> Pfn.PageShift);
            return new PfnLayout(space.Range, altmap, legacy.DataOffset, space.Length - legacy.DataOffset);
        }
        PfnInfo pfn = content.Pfn!;
        long end = pfn.End(space.Offset, space.Length), data = pfn.StartPad + pfn.DataOffset;
        var range = new PfnRange(
            new Pfn(space.Range.Start.Value + (pfn.StartPad >> Pfn.PageShift)), (ulong)(end - pfn.StartPad) >> Pfn.PageShift);
        VmemAltmap? frames = pfn.Location == FrameLocation.Medium ? AltmapOf(space, range, (ulong)pfn.DataOffset >> Pfn.PageShift) : null;
        return new PfnLayout(range, frames, data, end - data);
    }

    /// <summary>The front of a range, for its frames; null where they do not fit or must not be written: they are kept in the
    /// host's memory then, as a kernel does on small media.</summary>
    private static VmemAltmap? AltmapOf(PmemNamespace space, PfnRange range, ulong front)
    {
        if (!space.Region.IsWritable || front <= Reserve)
            return null;
        var trial = new VmemAltmap(range.Start, Reserve, front - Reserve);
        const ulong section = FrameMap.PagesPerSection;
        ulong expected = 0;
        for (ulong pfn = range.Start.Value; pfn < range.End.Value; pfn = (pfn | (section - 1)) + 1)
        {
            ulong pages = (Math.Min((pfn | (section - 1)) + 1, range.End.Value) - pfn) / FramesPerPage;
            if (!trial.TryAllocate(pages, out Pfn first) || (expected != 0 && first.Value != expected))
                return null;
            expected = first.Value + pages;
        }
        return new VmemAltmap(range.Start, Reserve, front - Reserve);
    }
}
