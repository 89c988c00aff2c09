using Percpu.Pagemap;

namespace Percpu.Unit.Hmm;

/// <summary>Moves pages into a device, and fails where a test wants it.</summary>
internal sealed class Copier(HmmDevice device) : MigrateOps
{
    internal int FailAt { get; init; } = -1;

    internal bool FailFinal { get; init; }

    protected internal override void AllocateAndCopy(Area area, ulong start, ReadOnlySpan<Page> sources, Span<Page> destinations)
    {
        for (int i = 0; i < sources.Length; i++)
        {
            if (i == FailAt)
                throw new FormatException();
            if (sources[i].IsNull)
                continue;
            Assert.True(sources[i].Flags.HasFlag(PageFlags.Locked));
            destinations[i] = device.TryAllocatePage();
            Assert.True(destinations[i].TryLock());
            device.CopyIn(destinations[i], area.Space.Space.Memory(sources[i]));
        }
    }

    protected internal override void FinalizeAndMap(Area area, ulong start, ReadOnlySpan<Page> sources, ReadOnlySpan<Page> destinations)
    {
        Assert.True(area.Space.Lookup(start).IsDevicePrivate);
        if (FailFinal)
            throw new FormatException();
    }
}
