using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>See <see cref="HmmMigrateAgainstPin"/>: pinned under the map lock.</summary>
internal sealed class HmmMigrateAgainstGup : HmmMigrateAgainstPin
{
    public override string Name => "hmm-migrate-gup";

    public override string Description => "A page is pinned under the map lock and written through the pin, while it is moved to a device.";

    private protected override int Pin(AddressSpace space, ulong address, Span<Page> pages) =>
        space.GetUserPages(address, pages, GupFlags.Get | GupFlags.Write);
}
