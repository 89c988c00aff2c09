namespace Percpu.Interleavings.Twins;

// Twins of waits: each one that must not be given up may be, and each that may be leaves something behind.
internal static partial class TwinCatalog
{
    private const string Draining = "src/PercpuRef/Counting/PercpuRef.Draining.cs";
    private const string Lock = "src/PercpuRef.Pagemap/Gup/MapLock.cs";
    private const string Claims = "src/PercpuRef.Pagemap/Gup/AddressSpace.Locking.cs";

    private static IEnumerable<Twin> Interrupts =>
    [
        new("teardown-can-be-interrupted", "An interrupt ends the wait for the holders of what is being torn down.", "sc",
            ["interrupted-unbind", "interrupted-memremap-release"],
            new Edit(Draining, "WaitForEnd(life, Waiter.Uninterruptible,", "WaitForEnd(life, Waiter.Interruptible,")),
        new("grace-period-can-be-interrupted", "An interrupt ends the grace period in the middle of a change.", "sc",
            ["interrupted-unregister", "interrupted-unmap"],
            new Edit(Grace, "internal void WaitForReaders() => WaitForReaders(Waiter.Uninterruptible);", "internal void WaitForReaders() => WaitForReaders(Waiter.Interruptible);")),
        new("domain-dispose-can-be-interrupted", "An interrupt ends the draining of a domain that is being disposed of.", "sc",
            ["interrupted-domain-dispose"],
            new Edit(Domain, "Waiter waiter = Waiter.Uninterruptible;", "Waiter waiter = Waiter.Interruptible;")),
        new("resource-wait-can-be-interrupted", "An interrupt ends the wait for a resource that another thread is releasing.", "sc",
            ["interrupted-devmem-unbind", "interrupted-devmem-remove"],
            new Edit(Resource, "Waiter waiter = Waiter.Uninterruptible;", "Waiter waiter = Waiter.Interruptible;")),
        new("freeze-can-be-interrupted", "An interrupt ends a freeze, which stays.", "sc",
            ["interrupted-freeze"],
            new Edit(Freezing, "Wait(StartFreeze(dying: false), Waiter.Uninterruptible, Timeout.InfiniteTimeSpan);", "Wait(StartFreeze(dying: false), Waiter.Interruptible, Timeout.InfiniteTimeSpan);")),
        new("map-lock-read-can-be-interrupted", "An interrupt ends the wait of a reader for the lock of an address space.", "sc",
            ["interrupted-map-lock-read"],
            new Edit(Lock, "Waiter waiter = Waiter.Uninterruptible; while (true)", "Waiter waiter = Waiter.Interruptible; while (true)")),
        new("map-lock-write-can-be-interrupted", "An interrupt ends the wait of a writer for the lock of an address space.", "sc",
            ["interrupted-map-lock-write"],
            new Edit(Lock, "Waiter waiter = Waiter.Uninterruptible; for (", "Waiter waiter = Waiter.Interruptible; for (")),
        new("claim-wait-can-be-interrupted", "An interrupt ends the wait for a page that another thread is moving.", "sc",
            ["interrupted-fault"],
            new Edit(Claims, "Waiter waiter = Waiter.Uninterruptible;", "Waiter waiter = Waiter.Interruptible;")),
        new("interrupted-barrier-forgets", "An interrupted barrier forgets what callbacks threw that it ran.", "sc",
            ["interrupted-barrier"],
            new Edit(Reclaim, "catch (ThreadInterruptedException interrupted) { failures.Add(interrupted);", "catch (ThreadInterruptedException) { throw;")),
        new("interrupted-try-freeze-stays", "An interrupted try to freeze a queue leaves it frozen.", "sc",
            ["interrupted-try-freeze"],
            new Edit(Freezing, "catch (ThreadInterruptedException) { Unfreeze(); throw;", "catch (ThreadInterruptedException) { throw;")),
        new("late-try-freeze-stays", "A freeze that timed out is not undone.", "sc",
            ["queue-try-freeze-late"],
            new Edit(Freezing, "if (!frozen) Unfreeze();", "if (!frozen && IsDying) Unfreeze();")),
        new("unfreeze-needs-drained", "A freeze that has not drained the queue yet cannot be undone.", "sc",
            ["queue-unfreeze-early"],
            new Edit(Freezing, "Usage.TakeKillBack();", "Usage.Reinit();")),
    ];
}
