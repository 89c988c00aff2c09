using Percpu.Pagemap;

namespace Percpu.Unit.Hmm;

/// <summary>Destinations as a test chooses them.</summary>
internal sealed class Filler(Filler.Fill fill) : MigrateOps
{
    internal delegate void Fill(ReadOnlySpan<Page> sources, Span<Page> destinations);

    protected internal override void AllocateAndCopy(Area area, ulong start, ReadOnlySpan<Page> sources, Span<Page> destinations) =>
        fill(sources, destinations);
}
