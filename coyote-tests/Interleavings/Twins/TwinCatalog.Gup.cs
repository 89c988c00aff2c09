namespace Percpu.Interleavings.Twins;

// Twins of page tables and of pinning through them.
internal static partial class TwinCatalog
{
    private const string SpaceMapping = "src/PercpuRef.Pagemap/Gup/AddressSpace.Mapping.cs";
    private const string SpacePinning = "src/PercpuRef.Pagemap/Gup/AddressSpace.Pinning.cs";
    private const string Dropping = "src/PercpuRef.Pagemap/Gup/Cleared.cs";
    private const string OnePage = "src/PercpuRef.Pagemap/Gup/Walks/OnePageWalk.cs";
    private const string LocklessWalk = "src/PercpuRef.Pagemap/Gup/Walks/FastWalk.cs";
    private const string LockedWalk = "src/PercpuRef.Pagemap/Gup/Walks/SlowWalk.cs";
    private const string Tables = "src/PercpuRef.Pagemap/Gup/PageTable.Writing.cs";
    private const string Runs = "src/PercpuRef.Pagemap/Gup/Walks/RunPin.cs";
    private const string MappedDisk = "src/PercpuRef.Pagemap/Devices/PmemDriver.cs";

    private static IEnumerable<Twin> Gup =>
    [
        new("unmap-without-grace-period", "Unmapping drops pages under the walks that have just found them.", "sc",
            ["gup-unmap"],
            new Edit(Dropping, "space.Table.Epoch.WaitForReaders();", "")),
        new("drop-before-clear", "Unmapping waits for walks before it clears the entries, not after.", "sc",
            ["gup-unmap"],
            new Edit(SpaceMapping, "Pages.Clear(area.Start, area.End, ref cleared); } finally { ExitWrite(); } area.Backing",
                "Table.Epoch.WaitForReaders(); Pages.Clear(area.Start, area.End, ref cleared); } finally { ExitWrite(); } area.Backing"),
            new Edit(Dropping, "space.Table.Epoch.WaitForReaders();", "")),
        new("fast-walk-outside-read-section", "The walk without a lock is not inside a read section.", "sc",
            ["gup-unmap"],
            new Edit(LocklessWalk, "using EpochReader reader = space.Table.Epoch.Enter();", ""),
            new Edit(OnePage, "using EpochReader reader = space.Table.Epoch.Enter(thread);", "")),
        new("discard-unchecked", "A discard looks whether the address space was disposed before it has the map lock, not under it.", "sc",
            ["discard-dispose"],
            new Edit(SpaceMapping, "CheckRange(address, length, nameof(address)); Zap(", "CheckRange(address, length, nameof(address)); ThrowIfDisposed(); Zap("),
            new Edit(SpaceMapping, "if (only is null) ThrowIfDisposed();", "")),
        new("run-pinned-blindly", "A run is pinned whether its map is live or not.", "sc",
            ["gup-unbind-fast"],
            new Edit(Runs, "else if (!map.Reference.TryGetLiveMany(count)) return 0;", "else map.Reference.GetMany(count);"),
            new Edit(SpacePinning, "if (pages.Length == 1 && OnePageWalk", "if (pages.IsEmpty && OnePageWalk")),
        new("one-page-pinned-blindly", "One page is pinned whether its map was killed or not.", "sc",
            ["gup-unbind-one"],
            new Edit(OnePage, "found || !found.Reference.TryGetLive(thread)) return false;", "found) return false; found.Reference.Get(thread);")),
        new("slow-pin-not-held", "The slow way lets the map go although it does not count pages.", "sc",
            ["gup-unbind-slow"],
            new Edit(LockedWalk, "PagemapTable.PutDevPagemap(map); } PageTable.Touch", "} PagemapTable.PutDevPagemap(map); PageTable.Touch")),
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
