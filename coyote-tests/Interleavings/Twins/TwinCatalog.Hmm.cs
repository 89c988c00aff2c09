namespace Percpu.Interleavings.Twins;

// Twins of device memory.
internal static partial class TwinCatalog
{
    private const string Batch64 = "src/PercpuRef.Pagemap/Hmm/HmmMigration.Batch.cs";
    private const string Hmm = "src/PercpuRef.Pagemap/Hmm/HmmDevice.cs";
    private const string Claiming = "src/PercpuRef.Pagemap/Gup/AddressSpace.Locking.cs";
    private const string Moving = "src/PercpuRef.Pagemap/Hmm/HmmDevice.Migrating.cs";
    private const string Devmem = "src/PercpuRef.Pagemap/Hmm/HmmDevmem.cs";
    private const string Pages = "src/PercpuRef.Pagemap/Frames/Page.cs";

    private static IEnumerable<Twin> DeviceMemory =>
    [
        new("migrate-without-grace", "A page's count is looked at while walkers that found its entry are about to take it.", "sc",
            ["hmm-migrate-fast-gup", "hmm-migrate-gup"],
            new Edit(Batch64, "if (anyRam) area.Space.WaitForWalkers();", "")),
        new("migrate-ignores-pins", "A page is moved although somebody holds it.", "sc",
            ["hmm-migrate-fast-gup", "hmm-migrate-gup"],
            new Edit(Batch64, "page.Count != idle + OnlyMapped || !page.TryLock()", "page.Count < idle || !page.TryLock()")),
        new("source-freed-before-copy", "A page is freed before its bytes are copied out of it.", "sc",
            ["hmm-free-fault"],
            new Edit(Batch64, "ops.AllocateAndCopy(area, start, sources, destinations);",
                "{ foreach (Page each in sources) each.Put(); ops.AllocateAndCopy(area, start, sources, destinations); }"),
            new Edit(Batch64, "sources[i].Put();", "area.Contains(start);")),
        new("publish-without-gate", "Publishing an entry wakes those who sleep, and leaves those who are about to.", "sc",
            ["hmm-two-faults"],
            new Edit(Claiming, "Atomic.FetchAdd(&Shared->Gate, 1);", "")),
        new("claim-seen-before-gate", "Who finds a claimed entry reads the gate only then.", "sc",
            ["hmm-two-faults"],
            new Edit(Claiming, "long seen = Atomic.LoadAcquire(&Shared->Gate); if (!Pages.Read(address).IsClaimed) break;",
                "if (!Pages.Read(address).IsClaimed) break; long seen = Atomic.LoadAcquire(&Shared->Gate);")),
        new("free-list-without-lock", "A page is put on the free list beside whoever takes one from it.", "sc",
            ["hmm-free-fault"],
            new Edit(Hmm, "using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock); page.DriverData", "page.DriverData")),
        new("remove-beside-a-kill", "Removing memory goes on while whoever unbinds has yet to kill it, and a second kill is an error.", "sc",
            ["hmm-remove-unbind-0"],
            new Edit(Devmem, "_kill.ReleaseOrWait();", "_kill.Release();"),
            new Edit(Devmem, "private void Kill() => Reference.TryKill();", "private void Kill() => Reference.Kill();")),
        new("mapped-before-copied", "A page is found at its address before the bytes are in it.", "sc",
            ["hmm-two-faults", "hmm-free-fault"],
            new Edit(Moving, "device.CopyOut(sources[index],",
                "PageTableEntry entry = PageTableEntry.Ram(area.Space.Space.PageToPfn(destinations[index]), writable: true); area.Space.Publish(start + ((ulong)index << Pfn.PageShift), entry); device.CopyOut(sources[index],")),
        new("page-put-overtakes", "A page's count may fall before what its holder did is there.", "arm64",
            ["page-count-tells"],
            new Edit(Pages, "long count = Atomic.FetchAdd(&_frame->Count, -1) - 1;",
                "long count = Atomic.LoadAcquire(&_frame->Count) - 1; Atomic.StoreLocal(&_frame->Count, count);")),
        new("page-count-not-interlocked", "A page's count falls by a load and a store.", "sc",
            ["hmm-last-puts"],
            new Edit(Pages, "long count = Atomic.FetchAdd(&_frame->Count, -1) - 1;", "long count = Atomic.LoadAcquire(&_frame->Count) - 1; Atomic.StoreRelease(&_frame->Count, count);")),
    ];
}
