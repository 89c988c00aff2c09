namespace Percpu.Interleavings.Twins;

// Twins of page tables and of pinning through them.
internal static partial class TwinCatalog
{
    private const string SpaceAreas = "src/PercpuRef.Pagemap/Gup/AddressSpace.Areas.cs";
    private const string OnePage = "src/PercpuRef.Pagemap/Gup/AddressSpace.OnePage.cs";
    private const string FastGup = "src/PercpuRef.Pagemap/Gup/AddressSpace.FastGup.cs";
    private const string Following = "src/PercpuRef.Pagemap/Gup/AddressSpace.Following.cs";
    private const string Tables = "src/PercpuRef.Pagemap/Gup/PageTable.Writing.cs";
    private const string Runs = "src/PercpuRef.Pagemap/Gup/RunPin.cs";
    private const string MappedDisk = "src/PercpuRef.Pagemap/Devices/PmemDriver.cs";

    private static IEnumerable<Twin> Gup =>
    [
        new("unmap-without-grace-period", "Unmapping drops pages under the walks that have just found them.", "sc",
            ["gup-unmap"],
            new Edit(SpaceAreas, "Table.Epoch.WaitForReaders(); cleared.FreeTables();", "cleared.FreeTables();")),
        new("drop-before-clear", "Unmapping waits for walks before it clears the entries, not after.", "sc",
            ["gup-unmap"],
            new Edit(SpaceAreas, "_pages.Clear(area.Start, area.End, ref cleared); } finally { ExitWrite(); } area.Disk",
                "Table.Epoch.WaitForReaders(); _pages.Clear(area.Start, area.End, ref cleared); } finally { ExitWrite(); } area.Disk"),
            new Edit(SpaceAreas, "Table.Epoch.WaitForReaders(); cleared.FreeTables();", "cleared.FreeTables();")),
        new("fast-walk-outside-read-section", "The walk without a lock is not inside a read section.", "sc",
            ["gup-unmap"],
            new Edit(FastGup, "using EpochReader reader = Table.Epoch.Enter(); if (Atomic.LoadAcquire(Disposed)", "if (Atomic.LoadAcquire(Disposed)"),
            new Edit(OnePage, "using EpochReader reader = Table.Epoch.Enter(thread);", "")),
        new("discard-unchecked", "A discard looks whether the address space was disposed before it has the map lock, not under it.", "sc",
            ["discard-dispose"],
            new Edit(SpaceAreas, "CheckRange(address, length, nameof(address)); Zap(", "CheckRange(address, length, nameof(address)); ThrowIfDisposed(); Zap("),
            new Edit(SpaceAreas, "if (only is null) ThrowIfDisposed();", "")),
        new("run-pinned-blindly", "A run is pinned whether its map is live or not.", "sc",
            ["gup-unbind-fast"],
            new Edit(Runs, "else if (!map.Reference.TryGetLiveMany(count)) return 0;", "else map.Reference.GetMany(count);"),
            new Edit(FastGup, "if (pages.Length == 1 && TryPinOne(", "if (pages.IsEmpty && TryPinOne(")),
        new("one-page-pinned-blindly", "One page is pinned whether its map was killed or not.", "sc",
            ["gup-unbind-one"],
            new Edit(OnePage, "found || !found.Reference.TryGetLive(thread)) return false;", "found) return false; found.Reference.Get(thread);")),
        new("slow-pin-not-held", "The slow way lets the map go although it does not count pages.", "sc",
            ["gup-unbind-slow"],
            new Edit(Following, "PagemapTable.PutDevPagemap(map); } Touch", "} PagemapTable.PutDevPagemap(map); Touch")),
        new("unbind-leaves-entries", "Unbinding a device does not clear the entries that map it.", "sc",
            ["gup-unbind-fast", "gup-unbind-slow"],
            new Edit(MappedDisk, "disk.Forget();", "")),
        new("split-not-released", "A large entry's place may lead to a table whose entries are not written yet.", "arm64",
            ["gup-split"],
            new Edit(Tables, "long found = Atomic.CompareExchange(slot, (long)table, large);",
                "long found = Atomic.LoadAcquire(slot); if (found == large) Atomic.StoreLocal(slot, (long)table);")),
        new("split-before-filled", "A large entry's place leads to a table before its entries are written.", "sc",
            ["gup-split"],
            new Edit(Tables, "long* table = AllocateTable(); for (int i = 0; i < Slots; i++)",
                "long* table = AllocateTable(); long found = Atomic.CompareExchange(slot, (long)table, large); for (int i = 0; i < Slots; i++)"),
            new Edit(Tables, "long found = Atomic.CompareExchange(slot, (long)table, large); if (found == large)", "if (found == large)")),
    ];
}
