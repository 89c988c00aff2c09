namespace Percpu.Torture.Parts;

/// <summary>Everything that threads count. One list for all workloads: a report shows those that are not 0.</summary>
internal enum Tallied
{
    // References taken and refused, whatever they stand for.
    Gets,
    Refused,
    NestedGets,
    GetsWithoutArea,
    HandOvers,
    LastPutRushes,
    ThreadsStarted,
    MostThreadsAlive,

    // Kills, and how they met the gets.
    Kills,
    KillsRefused,
    KillAlls,
    KillAllsRefused,
    Disposes,
    KillsBesideRunningReaders,
    KillsThatOverlappedGets,
    GetsInsideThroughoutKill,
    WonWhileKilling,
    LostWhileKilling,
    FoundKilled,
    LongestKillMicroseconds,

    // What comes after a kill.
    Releases,
    ReleasesInKill,
    ReleasesInPut,
    Reinits,
    ReinitsInCallback,
    Resurrections,
    ResurrectionsLost,
    Recreations,
    OffsetsRecycled,
    AtomicSwitches,
    PercpuSwitches,
    StripeAreas,

    // Epochs.
    Sections,
    NestedSections,
    Publications,
    Retirements,
    RetirementsRefused,
    Synchronizations,
    Cookies,
    CookiesHeldUp,
    Barriers,
    Reclaims,
    DomainsDisposed,
    DomainsDropped,
    SectionsRefused,
    ReadersInsideAtUnlink,

    // Mapped files.
    Pins,
    BytesChecked,
    Swaps,
    FilesCreated,
    FilesDropped,
    AwaitedDisposes,
    MapFailures,
    MappedBytesAtEnd,

    // Pagemaps.
    Lookups,
    LookupsMissed,
    CachedGets,
    CachedGetsWhileDying,
    Registrations,
    Unregistrations,
    BusyRanges,

    // Devices.
    Binds,
    Unbinds,
    PagesPinned,
    PinsRefused,
    DiskReads,
    DiskReadsRefused,
    KeptWrites,
    PagesMovedOut,
    PagesMovedBack,
    MemoryRemovals,
    RemovalsBeforeUnbind,

    /// <summary>How many there are.</summary>
    Count,
}
