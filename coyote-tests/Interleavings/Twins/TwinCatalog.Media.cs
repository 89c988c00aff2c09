namespace Percpu.Interleavings.Twins;

// Twins of btts.
internal static partial class TwinCatalog
{
    private const string Arena = "src/PercpuRef.Pagemap/Media/BttArena.cs";
    private const string ArenaWriting = "src/PercpuRef.Pagemap/Media/BttArena.Writing.cs";
    private const string Disk = "src/PercpuRef.Pagemap/Devices/BlockDisk.cs";

    private static IEnumerable<Twin> Media =>
    [
        new("btt-no-second-look", "A reader does not look at the map again after it has announced its block.", "sc",
            ["btt-read-write-1"],
            new Edit(Arena, "if (again == entry)", "if (again == entry || sector == 0)")),
        new("btt-announced-without-fence", "A reader's second look may come before its announcement is seen.", "tso",
            ["btt-read-write-1"],
            new Edit(Arena, "if (Atomic.LoadAcquire(slot) == 0 && Atomic.CompareExchange(slot, block + 1L, 0) == 0) return slot;",
                "if (Atomic.LoadAcquire(slot) == 0) { Atomic.StoreRelease(slot, block + 1L); return slot; }")),
        new("btt-readers-not-awaited", "A writer fills a block that somebody still reads.", "sc",
            ["btt-read-write-1"],
            new Edit(ArenaWriting, "AwaitReaders(free);", "")),
        new("btt-withdrawn-before-read", "A reader takes its announcement back before it reads.", "sc",
            ["btt-read-write-1"],
            new Edit(Arena, "_medium.Read(_start + _info.DataAt(block), destination);", "Atomic.StoreRelease(slot, 0); _medium.Read(_start + _info.DataAt(block), destination);")),
        new("btt-withdrawal-not-released", "A reader's announcement may be gone before its reads have happened.", "arm64",
            ["btt-late-read-write"],
            new Edit(Arena, "if (slot != null) Atomic.StoreRelease(slot, 0);", "if (slot != null) Atomic.StoreLocal(slot, 0);")),
        new("btt-map-before-data", "The map leads to a block before it is filled.", "sc",
            ["btt-read-write-1"],
            new Edit(ArenaWriting, "_medium.Write(data, source); _medium.Flush(data, source.Length);", ""),
            new Edit(ArenaWriting, "Exchange(index, lane, sector, free, map);", "Exchange(index, lane, sector, free, map); _medium.Write(data, source);")),
        new("btt-map-not-locked", "Two writers of one sector both take its old block.", "sc",
            ["btt-two-writers-2"],
            new Edit(ArenaWriting, "WordLock.EnterScope(MapLock(sector)); CheckWritable();", "WordLock.EnterScope(lane + WordsPerLine - 1); CheckWritable();")),
        new("btt-lane-shared", "Two writers use one lane at the same time.", "sc",
            ["btt-two-lanes-1", "btt-two-writers-1"],
            new Edit(ArenaWriting, "uint index = EnterLane();", "uint index = (uint)Processors.Current % _info.Free;"),
            new Edit(ArenaWriting, "WordLock.Exit(lane + LockAt);", "Atomic.LoadAcquire(lane + LockAt);")),
        new("btt-read-outside-queue", "A request leaves the queue before it has read.", "sc",
            ["btt-unbind-io", "pmem-unbind-io-1"],
            new Edit(Disk, "Queue.Enter(); try { ReadCore(offset, destination); } finally { Queue.Exit(); }",
                "Queue.Enter(); Queue.Exit(); ReadCore(offset, destination);")),
    ];
}
