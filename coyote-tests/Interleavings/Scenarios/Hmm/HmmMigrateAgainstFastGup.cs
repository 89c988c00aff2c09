using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>See <see cref="HmmMigrateAgainstPin"/>: pinned without a lock.</summary>
internal sealed class HmmMigrateAgainstFastGup : HmmMigrateAgainstPin
{
    public override string Name => "hmm-migrate-fast-gup";

    public override string Description => "A page is pinned without a lock and written through the pin, while it is moved to a device.";

    private protected override int Pin(AddressSpace space, ulong address, Span<Page> pages) =>
        space.GetUserPagesFast(address, pages, GupFlags.Get | GupFlags.Write);
}
