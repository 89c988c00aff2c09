namespace Percpu.Interleavings.Twins;

// Twins of the other layers.
internal static partial class TwinCatalog
{
    private const string Domain = "src/PercpuRef/Epochs/EpochDomain.cs";
    private const string Reader = "src/PercpuRef/Epochs/EpochReader.cs";
    private const string Grace = "src/PercpuRef/Epochs/EpochDomain.Grace.cs";
    private const string Reclaim = "src/PercpuRef/Epochs/EpochDomain.Reclaim.cs";
    private const string Tree = "src/PercpuRef.Pagemap/Pagemaps/SectionTree.Writing.cs";
    private const string Table = "src/PercpuRef.Pagemap/Pagemaps/PagemapTable.cs";
    private const string File = "src/PercpuRef/Buffers/MappedFile.cs";
    private const string Memory = "src/PercpuRef/Buffers/MappedMemory.cs";
    private const string Pinning = "src/PercpuRef/Buffers/MappedMemory.Pinning.cs";
    private const string Reclaimer = "src/PercpuRef/Epochs/EpochDomain.Reclaimer.cs";
    private const string Stripes = "src/PercpuRef/Memory/StripeSet.cs";
    private const string Scanning = "src/PercpuRef/Memory/StripeSet.Scanning.cs";
    private const string Banks = "src/PercpuRef/Memory/StripeBanks.cs";
    private const string Shared = "src/PercpuRef/Epochs/EpochDomain.Shared.cs";
    private const string Ticket = "src/PercpuRef/Buffers/PinTicket.cs";
    private const string Pool = "src/PercpuRef/Buffers/SlabPool.cs";
    private const string Slabs = "src/PercpuRef/Buffers/SlabPool.Slabs.cs";
    private const string Block = "src/PercpuRef/Buffers/SlabBlock.Returning.cs";
    private const string Cache = "src/PercpuRef/Buffers/SlabCache.cs";
    private const string PoolSlab = "src/PercpuRef/Buffers/PoolSlab.cs";
    private const string Cell = "src/PercpuRef/Buffers/MappedCell.cs";
    private const string Hardware = "src/PercpuRef.Interleavings/Model/Execution.Hardware.cs";

    private static IEnumerable<Twin> Epochs =>
    [
        new("read-before-announce", "A reader reads before it has announced itself.", "sc",
            ["epoch-synchronize-1", "epoch-retire-1", "table-insert-remove"],
            new Edit(Domain, "Atomic.StoreLocal(slot, Atomic.LoadAcquire(&words->Epoch));", "")),
        new("token-without-area-not-announced", "A section entered with a default thread is announced as a nested one, without a fence before its reads.", "arm64-full",
            ["epoch-token"],
            new Edit(Domain, "if (inside == 0)", "if (inside < 0)")),
        new("exit-not-released", "A read section may be left before its reads have happened.", "arm64",
            ["epoch-synchronize-1"],
            new Edit(Reader, "Atomic.StoreRelease(slot, 0);", "Atomic.StoreLocal(slot, 0);")),
        new("no-fence-in-grace-period", "A grace period looks at the readers without a process-wide fence.", "tso",
            ["epoch-synchronize-1", "epoch-retire-1", "table-insert-remove"],
            new Edit(Grace, "Atomic.ProcessWideFence(); return target;", "return target;")),
        new("shared-not-waited-for", "A grace period does not wait for readers without an area.", "sc",
            ["epoch-no-memory"],
            new Edit(Grace, "if (Atomic.LoadAcquire(&_words->Shared) != 0) return false;", "")),
        new("shared-exit-not-released", "A section that is counted may be left before its reads have happened.", "arm64",
            ["epoch-no-memory"],
            new Edit(Shared, "if (Atomic.FetchAdd(&_words->Shared, -SharedStep) <= 0)", "long shared = Atomic.LoadAcquire(&_words->Shared); Atomic.StoreLocal(&_words->Shared, shared - SharedStep); if (shared <= 0)")),
        new("retire-stamped-too-early", "A batch's grace period begins before the batch is taken.", "sc",
            ["epoch-retire-1", "epoch-reclaim", "epoch-retire-2", "epoch-twice"],
            new Edit(Reclaim, "Retired pending = Atomic.ExchangeReference(ref _pending, null)!; _waitingFor = BeginGracePeriod();",
                "_waitingFor = BeginGracePeriod(); Retired pending = Atomic.ExchangeReference(ref _pending, null)!;")),
        new("epoch-not-interlocked", "The epoch may advance before what the caller unlinked is gone.", "arm64",
            ["epoch-synchronize-1"],
            new Edit(Grace, "long target = (Atomic.FetchAdd(&_words->Epoch, EpochStep) + EpochStep) & ~EpochReader.DepthMask;",
                "long epoch = Atomic.LoadAcquire(&_words->Epoch) + EpochStep; Atomic.StoreLocal(&_words->Epoch, epoch); long target = epoch & ~EpochReader.DepthMask;")),
        new("retire-into-closed-list", "A retirement does not look whether a dispose has closed the list.", "sc",
            ["epoch-dispose-1"],
            new Edit(Reclaim, "while (!ReferenceEquals(newest, Retired.Closed))", "while (newest != node)")),
        new("list-closed-with-nodes", "A dispose closes the list without looking whether it is empty.", "sc",
            ["epoch-dispose-1"],
            new Edit(Reclaim, "Retired? found = Atomic.CompareExchangeReference(ref _pending, Retired.Closed, null); return found is null || ReferenceEquals(found, Retired.Closed);",
                "Atomic.ExchangeReference(ref _pending, Retired.Closed); return true;")),
        new("dispose-without-last-drain", "A dispose that has closed the list does not wait for what another thread had taken out of it.", "sc",
            ["epoch-dispose-taken"],
            new Edit(Domain, "Drain(ref failures, ref waiter); waiter.End();", "waiter.End();")),
        new("wake-before-push", "A retirement wakes the reclaimer before there is work for it.", "sc",
            ["epoch-reclaimer"],
            new Edit(Reclaim, "ObjectDisposedException.ThrowIf(!TryPush(new RetiredState<TState>(state, reclaim)), this); if (_background) WakeReclaimer();",
                "if (_background) WakeReclaimer(); ObjectDisposedException.ThrowIf(!TryPush(new RetiredState<TState>(state, reclaim)), this);")),
        new("sleep-without-second-look", "The reclaimer goes to sleep without looking for work again.", "sc",
            ["epoch-reclaimer"],
            new Edit(Reclaimer, "if (!HasWork) { waiter.Park", "if (_background) { waiter.Park")),
        new("light-fence-not-full", "Where there is no process-wide fence, a reader's light fence is not a full one.", "tso-full",
            ["epoch-synchronize-1", "epoch-retire-1", "tryget-live-kill-1"],
            new Edit(Hardware, "if (!Model.ProcessWideFence) FullFence(thread, source); else if (_running)", "if (_running)")),
    ];

    private static IEnumerable<Twin> Areas =>
    [
        new("area-unpublished", "A new thread's area is in no list that a scan walks.", "sc",
            ["newcomers-1"],
            new Edit(Banks, "Atomic.Exchange(CountWord, count + 1);", "_hidden++;"),
            new Edit(Banks, "int count = (int)Atomic.LoadAcquire(CountWord), bank", "int count = _hidden, bank"),
            new Edit(Banks, "private int _committedRuns;", "private int _committedRuns; private int _hidden;")),
        new("bank-before-its-pages", "A bank is published before there is memory behind it.", "sc",
            ["newcomers-1", "newcomers-2"],
            new Edit(Banks, "Atomic.StoreRelease(Pinned.Address(_words, Bases + bank), address);", "Atomic.StoreRelease(Pinned.Address(_words, Bases + bank), address); Atomic.Exchange(CountWord, count + 1); Atomic.Exchange(CountWord, count + 1); TryCommit(address, 0, _committedRuns, 1);"),
            new Edit(Banks, "TryCommit(bank, 0, _committedRuns, 1)) return bank;", "bytes > 0) return bank;")),
        new("adopted-without-fence", "A new thread adds to an ended thread's area before that thread's last store is in memory.", "tso",
            ["thread-ends"],
            new Edit(Stripes, "Atomic.ProcessWideFence(); ClearReaders(", "ClearReaders(")),
    ];

    private static IEnumerable<Twin> Pagemaps =>
    [
        new("slot-not-released", "A slot of the table may lead to an entry that is not written yet.", "arm64",
            ["table-second-map"],
            new Edit(Tree, "Atomic.StoreRelease(SlotOf(leaf, section, 0), (long)entry);", "Atomic.StoreLocal(SlotOf(leaf, section, 0), (long)entry);")),
        new("table-without-grace-period", "What was unlinked from the table is freed under its readers.", "sc",
            ["table-insert-remove", "lookup-release-1"],
            new Edit(Tree, "epoch.WaitForReaders(); FreeNodes(unlinked.Nodes);", "FreeNodes(unlinked.Nodes);")),
        new("lookup-without-tryget", "A lookup takes a reference blindly, whether it is live or not.", "sc",
            ["lookup-release-1", "table-insert-remove"],
            new Edit(Table, "map.Reference.TryGetLive() ? map : null;", "Blind(map) ? map : null;"),
            new Edit(Table, "private DevPagemap? Lookup(Pfn pfn)", "private static bool Blind(DevPagemap map) { map.Reference.Get(); return true; } private DevPagemap? Lookup(Pfn pfn)")),
        new("lookup-outside-read-section", "A lookup reads the table outside a read section.", "sc",
            ["table-insert-remove", "lookup-release-1"],
            new Edit(Table, "using EpochReader reader = _epoch.Enter(); DevPagemap? map", "DevPagemap? map")),
    ];

    private static IEnumerable<Twin> Buffers =>
    [
        new("unmap-before-last-unpin", "Dispose unmaps at once, whoever reads.", "sc",
            ["mapped-pin-dispose-1"],
            new Edit(File, "_ => mapping.Unmap())", "_ => { })"),
            new Edit(File, "private protected override void ReportDrop()",
                "public new void Dispose() { _mapping.Unmap(); base.Dispose(); } private protected override void ReportDrop()")),
        new("pin-looks-then-gets", "A pin looks whether the file is live and then takes a reference blindly.", "sc",
            ["mapped-pin-dispose-2", "mapped-pin-dispose-1"],
            new Edit(Memory, "if (TryBeginPin(Counted, PerThread.Hazards, out long* hazard)) { pin",
                "long* hazard = Counted; if (!_reference.IsDying && _reference.TryGet()) { pin")),
        new("pin-end-late-does-not-settle", "A pin of a frame that ends too late for percpu mode looks no further.", "sc",
            ["mapped-pin-dispose-1"],
            new Edit(Pinning, "PercpuRef.SettleLate(_reference);", "return;")),
        new("ticket-whatever-is-held", "A release lets go what the ticket holds by then, be it another pin.", "sc",
            ["held-pin-releases"],
            new Edit(Ticket, "if (Atomic.CompareExchange(_generation, generation + 1, generation) != generation)",
                "generation = Atomic.LoadAcquire(_generation); if ((generation & 1) == 0 || Atomic.CompareExchange(_generation, generation + 1, generation) != generation)")),
        new("ticket-released-twice", "A release looks at the generation and then stores the next one.", "sc",
            ["held-pin-elsewhere", "held-pin-releases"],
            new Edit(Ticket, "if (Atomic.CompareExchange(_generation, generation + 1, generation) != generation) return false;",
                "if (Atomic.LoadAcquire(_generation) != generation) return false; Atomic.StoreRelease(_generation, generation + 1);")),
        new("ticket-home-before-its-release", "A ticket goes home before its generation says that it is free.", "sc",
            ["held-pin-elsewhere"],
            new Edit(Ticket, "if (Atomic.CompareExchange(_generation, generation + 1, generation) != generation)",
                "TicketRack.Return(_shelf, _place, this); if (Atomic.CompareExchange(_generation, generation + 1, generation) != generation)")),
        new("ticket-taken-stays-in-place", "A thread takes a ticket and leaves it in its place.", "sc",
            ["held-pin-elsewhere"],
            new Edit("src/PercpuRef/Buffers/TicketRack.cs", "return TakeNext(); Atomic.StoreReference(ref place, null);", "return TakeNext();")),
        new("held-pin-never-stale", "A held pin does not look whether it was released.", "sc",
            ["held-pin-stale"],
            new Edit(Ticket, "Atomic.LoadAcquire(_generation) == generation;", "Atomic.LoadAcquire(_generation) >= generation;")),
        new("cell-grow-swaps-blindly", "Who has grown the map of a cell swaps it in, whatever stands there by then.", "sc",
            ["cell-grow"],
            new Edit("src/PercpuRef/Buffers/MappedCellExtensions.cs", "if (cell.TrySwap(current, next)) return next; next.Dispose();",
                "cell.Swap(next); return next;")),
        new("return-without-generation", "A return at home counts whatever rental it was of.", "sc",
            ["slab-elsewhere-1"],
            new Edit(Pool, "else if (block.IsAt(generation) && (", "else if (!block.IsFree(out generation) && (")),
        new("rent-of-retired-block", "A rent takes a cached block blindly, whether its slab was retired or not.", "sc",
            ["slab-retire-1"],
            new Edit(Pool, "return block.Begin(++generation) ? new SlabRental(block, generation) : RentClaimed(cache); } [MethodImpl(MethodImplOptions.AggressiveInlining)] public SlabRental RentBlock(PercpuThread thread)",
                "block.Begin(++generation); return new SlabRental(block, generation); } [MethodImpl(MethodImplOptions.AggressiveInlining)] public SlabRental RentBlock(PercpuThread thread)")),
        new("claim-not-interlocked", "A return elsewhere stores its claim without a compare-exchange.", "sc",
            ["slab-retire-elsewhere-1", "slab-retire-elsewhere-2", "slab-elsewhere-2"],
            new Edit(Block, "if (Atomic.CompareExchange(Claim, next, claim) != claim) continue; if (claim == 0)",
                "Atomic.StoreRelease(Claim, next); if (claim == 0)")),
        new("claim-whatever-is-rented", "A home takes a claim for the return of what is rented by then.", "sc",
            ["slab-elsewhere-1"],
            new Edit(Block, "if (Atomic.LoadLocal(_generation) == SlabClaim.Generation(claim)) { Atomic.StoreRelease(_generation, SlabClaim.Generation(claim) + 1);",
                "if ((Atomic.LoadLocal(_generation) & 1) != 0) { Atomic.StoreRelease(_generation, Atomic.LoadLocal(_generation) + 1);")),
        new("claim-forgotten-too-early", "A home clears the claim before the generation says that the rental is over.", "sc",
            ["slab-elsewhere-2", "slab-elsewhere-1"],
            new Edit(Block, "Atomic.StoreRelease(_generation, SlabClaim.Generation(claim) + 1); ended = true; }",
                "if (Atomic.CompareExchange(Claim, 0, claim) != claim) continue; Atomic.StoreRelease(_generation, SlabClaim.Generation(claim) + 1); return true; }")),
        new("home-looks-before-it-stores", "A rent at home looks at the claim before it stores the generation.", "sc",
            ["slab-retire-1", "slab-retire-elsewhere-2"],
            new Edit(Block, "Atomic.StoreLocal(words, generation);", "bool free = Atomic.LoadAcquire(words + 1) == 0; Atomic.StoreLocal(words, generation);"),
            new Edit(Block, "Atomic.LightFence(); return Atomic.LoadAcquire(words + 1) == 0;", "return free;", "Begin")),
        new("home-return-not-released", "A block may look returned at home before its renter has read it.", "arm64-full",
            ["slab-return-retire"],
            new Edit(Block, "Atomic.StoreRelease(words, generation + 1);", "Atomic.StoreLocal(words, generation + 1);")),
        new("claim-decided-by-former-home", "A home decides about a claim of a rental from another home.", "sc",
            ["slab-moves-home"],
            new Edit(Block, "if (Home is var other && !ReferenceEquals(other, home))", "if (Home is var other && ReferenceEquals(other, null))")),
        new("retire-without-fence", "A retirement looks at the generations without a process-wide fence.", "tso",
            ["slab-retire-1", "slab-retire-elsewhere-2"],
            new Edit(PoolSlab, "Atomic.ProcessWideFence();", "GC.KeepAlive(slabs);")),
        new("ended-home-without-fence", "An ended thread's blocks are rented before its last generation is in memory.", "tso",
            ["slab-thread-ends"],
            new Edit(Cache, "Atomic.ProcessWideFence(); return _isOrphan = true;", "return _isOrphan = true;")),
        new("retire-forgets-the-rented", "A retirement takes no count for a block that is rented.", "sc",
            ["slab-retire-elsewhere-1", "slab-retire-1"],
            new Edit(Block, "if (rented) _reference.Get(); if (Atomic.CompareExchange(Claim, rented ?", "rented = false; if (Atomic.CompareExchange(Claim, rented ?")),
        new("pool-keeps-what-is-idle", "A pool takes another slab however much is idle.", "sc",
            ["slab-idle-1", "slab-idle-2"],
            new Edit(Slabs, "IdleUnderLock() > _maxIdleBytes)", "IdleUnderLock() < 0)")),
        new("idle-without-claims", "What was returned elsewhere counts as rented until its home takes it.", "sc",
            ["slab-idle-2"],
            new Edit(Block, "return (generation & 1) != 0 && (claim == 0 || SlabClaim.Allows(claim, generation));", "return (generation & 1) != 0 && claim >= long.MinValue;")),
        new("cell-looks-once", "A pin that a replaced map refuses does not look again.", "sc",
            ["cell-swap-1"],
            new Edit(Cell, "while (current is not null && !ReferenceEquals(current, refused))", "while (current is not null && refused is null)")),
        new("cell-disposes-first", "A swap disposes of the old map before the new one stands in the cell.", "sc",
            ["cell-swap-1"],
            new Edit(Cell, "if (!ReferenceEquals(Atomic.CompareExchangeReference(", "expected.Dispose(); if (!ReferenceEquals(Atomic.CompareExchangeReference(")),
    ];
}
